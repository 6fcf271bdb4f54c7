"""The student's own tests as material: which files, run against what, and what they said."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.parents import Parents
from autograder.judge.warm_parent import WarmParent
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage
from autograder.sandbox.policy import Limits
from autograder.scoring import kept

MAX_FILES, MAX_BYTES = 20, 1 << 18
BUDGET = Budget(cpu_seconds=5.0, wall_seconds=20.0, memory_bytes=1 << 30)
LIMITS = Limits(memory_bytes=1 << 30, processes=16, cpu_seconds=20)
RUNNER = "autograder.worker.student_tests"
OURS = [Path(__file__), Path(__file__).parents[1] / "worker" / "student_tests.py"]


@dataclass(frozen=True)
class Material:
    """What the tests are run against, and where.

    Attributes:
        stage: the stage, with its chaffs and wheats.
        reference: directory that holds the reference's `pagedlab/`.
        parents: give the workers.
        scratch: an empty directory of the judge's own.
        cache: directory for outcomes by content.
    """

    stage: Stage
    reference: Path
    parents: Parents
    scratch: Path
    cache: Path


@dataclass(frozen=True)
class Run:
    """What the tests said of one variant. `ended` says how the worker ended, if it did."""

    ran: frozenset[str]
    failed: frozenset[str]
    ended: str = ""


def run_tests(parent: WarmParent, folder: Path) -> Run:
    """Run the tests of one folder in a fresh worker. What they say is a claim."""
    worker = Worker(parent, folder, LIMITS)
    inner: Json = {"stage_dir": str(folder)}
    args: dict[str, Json] = {"module": RUNNER, "function": "run", "args": inner}
    try:
        reply = worker.request("call", args, BUDGET)
    except (WorkerEnded, RequestFailed) as ended:
        return Run(frozenset(), frozenset(), str(ended) or "ended")
    finally:
        worker.close()
    if not isinstance(reply, dict):
        return Run(frozenset(), frozenset(), "the tests gave no result")
    return Run(_names(reply.get("ran")), _names(reply.get("failed")))


def _names(value: object) -> frozenset[str]:
    names = value if isinstance(value, list) else []
    return frozenset(str(name)[:120] for name in names[:1000])


def own_test_names(stage: Stage) -> str:
    """The files in `tests/` that are about a stage, as a student is told."""
    return " or ".join(f"tests/test_{Path(name).stem}*.py" for name in stage.modules)


def student_test_files(submission: Path, stage: Stage) -> list[Path]:
    """The submission's tests of a stage: regular files of modest size, and not too many.

    A file is about the stage whose module it is named for: `tests/test_<module>*.py`.
    """
    patterns = [f"test_{Path(name).stem}*.py" for name in stage.modules]
    found = {file for one in patterns for file in (submission / "tests").glob(one)}
    files = sorted(found)[:MAX_FILES]
    return [
        file
        for file in files
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= MAX_BYTES
    ]


def with_tests(folder: Path, tests: list[Path]) -> Path:
    """Copy the test files into `tests/` of a folder, which must not have one; give the folder."""
    (folder / "tests").mkdir()
    for file in tests:
        shutil.copyfile(file, folder / "tests" / file.name)
    return folder


def digest_files(files: list[Path], needs: Sequence[str]) -> str:
    """One name for the files' names and contents, what they may import, and this Python."""
    named = ((file.name, file.read_bytes()) for file in files)
    return kept.digest_of([sys.version, *needs, *(part for pair in named for part in pair)])
