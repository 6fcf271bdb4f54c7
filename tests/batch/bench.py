"""A tiny repository whose stage grades in milliseconds, and a class for it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import ANCHORS, COURSE, DESIGN, HINTS, STAGE, TESTS, WRONG
from tests.judge.bench import LEDGER, STUB, make_stage, make_submission

CODE = Path(__file__).resolve().parents[2]
DIES = Path(__file__).with_name("dies.py")
BATCH = "import sys; from pathlib import Path; from autograder.cli import batch;"
BATCH += " batch.ROOT = Path(sys.argv[1]); sys.exit(batch.main(sys.argv[2:]))"
HANGS = LEDGER.replace("self._amounts.append(amount)", "while True: pass")
ENDS = LEDGER.replace("return sum(self._amounts)", "import os; os._exit(0)")
BOMB = LEDGER.replace("return sum(self._amounts)", "return len(bytearray(1 << 40))")


def make_root(root: Path) -> Path:
    """A repository with the tiny stage, its reference and its starter."""
    given = root / "assignments" / "given"
    given.mkdir(parents=True)
    (given / "__init__.py").write_text("", encoding="utf-8")
    folder = root / "assignments" / "90_ledger"
    make_stage(folder, tests=TESTS)
    for name, text in (("stage", STAGE), ("anchors", ANCHORS), ("hints", HINTS)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (root / "assignments" / "course.toml").write_text(COURSE, encoding="utf-8")
    submission(root / "reference")
    submission(root / "starter", STUB, design="")
    return root


def submission(folder: Path, ledger: str = LEDGER, pages: int = 3, design: str = DESIGN) -> Path:
    """One submission. `pages` makes its content its own and changes nothing else."""
    make_submission(folder, ledger, f"PAGES = {pages}\n")
    (folder / "design.toml").write_text(design, encoding="utf-8")
    return folder


def make_class(folder: Path) -> Path:
    """Right, wrong, not begun, hostile, twice the same, and unreadable."""
    texts = {"right": LEDGER, "wrong": WRONG, "stub": STUB, "ends": ENDS, "bomb": BOMB}
    for number, (name, text) in enumerate(texts.items()):
        submission(folder / name, text, number)
    submission(folder / "copied", WRONG, 1)
    (folder / "empty").mkdir()
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 no archive")
    return folder


def command(root: Path, *arguments: object) -> list[str]:
    """The command line of a batch on a tiny repository."""
    return [sys.executable, "-c", BATCH, str(root), *map(str, arguments)]


def copy_of_code(place: Path) -> Path:
    """A grader of one's own, which nobody edits meanwhile."""
    for name in ("autograder", "kernel_lanes"):
        shutil.copytree(CODE / name, place / name)
    shutil.copyfile(CODE / "requirements.txt", place / "requirements.txt")
    return place


def batch(root: Path, *arguments: object, code: Path = CODE) -> subprocess.CompletedProcess[str]:
    """Run a batch to its end, on one process unless it is said otherwise."""
    if "--workers" not in arguments:
        arguments = (*arguments, "--workers", 1)
    return subprocess.run(command(root, *arguments), cwd=code, capture_output=True, text=True)


def dies_at(
    code: Path, verb: str, root: Path, run: Path, phase: str, write: int, *arguments: object
) -> bool:
    """Run a verb that kills itself at a write of its own; see `dies`. False if it ends before."""
    words = [verb, root, run, phase, write, *arguments]
    done = subprocess.run(
        [sys.executable, str(DIES), *map(str, words)],
        cwd=code,
        env={**os.environ, "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 6, -signal.SIGKILL), done.stderr
    return done.returncode == -signal.SIGKILL


def killed_at(root: Path, run: Path, written: int, *arguments: object, code: Path = CODE) -> bool:
    """Kill a batch as soon as its logs have that many bytes. False if it ended before that."""
    process = subprocess.Popen(
        command(root, *arguments), cwd=code, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None:
        if logged(run) >= written:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return True
        try:
            process.wait(0.002)
        except subprocess.TimeoutExpired:
            continue
    return False


def logged(run: Path) -> int:
    """Bytes in all logs of a run."""
    logs = [run / "batch.jsonl", *(run / "graded").glob("*.jsonl")]
    return sum(log.stat().st_size for log in logs if log.exists())


def scores(run: Path) -> tuple[bytes, bytes]:
    """What must be the same to the byte."""
    return (run / "grades.csv").read_bytes(), (run / "rules.csv").read_bytes()


def statuses(run: Path) -> dict[str, tuple[str, str]]:
    """Status and final grade of every row."""
    import csv

    with (run / "grades.csv").open(newline="") as file:
        return {row["student"]: (row["status"], row["final"]) for row in csv.DictReader(file)}
