"""Grades one submission with PagedLab, for Classroom 50.

Classroom 50's runner starts this file with the student's checkout as working directory, and with
`suite.tar.gz` and `suite.json` beside it. It leaves `result.json`, `release-body.md` and
`report.html` in the checkout, and exits 0 if the submission was graded, whatever it got; anything
else means that it was not graded, and is no zero. Standard library alone.

The suite is unpacked anew each time, so nothing that an earlier job left behind is run. A runner
that has everything installed names its interpreter in PAGEDLAB_PYTHON; else it is installed, on a
machine without a GPU from PyTorch's index of CPU builds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SECONDS = 600
"""For one grading. Classroom 50 ends a job after 15 minutes, in which all is installed, too."""
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH")
"""What the grader sees of the environment: no token of the job."""
IDENTITY = (
    *("CLASSROOM", "ASSIGNMENT", "ASSIGNMENT_TYPE", "OWNER", "SUBMISSION_TAG"),
    *("COMMIT_URL", "RELEASE_URL", "REVIEW_URL"),
)
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
GRADED, NOTHING_TO_GRADE = 0, 4


class NotGraded(Exception):
    """Why the submission could not be graded: never the student's fault."""


def main() -> int:
    """Grade the checkout."""
    checkout = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="pagedlab-") as scratch:
        try:
            suite, out = unpacked(Path(scratch) / "suite"), Path(scratch) / "out"
            python = os.environ.get("PAGEDLAB_PYTHON") or installed(suite)
            code = graded(python, suite, checkout, out)
            if code == NOTHING_TO_GRADE:
                nothing(checkout)
            else:
                told(python, suite, out, checkout)
        except NotGraded as fault:
            print(f"::error::PagedLab: {fault}", file=sys.stderr)
            return 1
    return 0


def unpacked(suite: Path) -> Path:
    """The suite, as it was when it was published."""
    archive = HERE / "suite.tar.gz"
    if hashlib.sha256(archive.read_bytes()).hexdigest() != about()["sha256"]:
        raise NotGraded("suite.tar.gz is not the one that suite.json speaks of: publish both anew")
    with tarfile.open(archive) as tar:
        tar.extractall(suite, filter="data")
    return suite


def installed(suite: Path) -> str:
    """The interpreter of a virtual environment with all that is pinned."""
    environment = dict(os.environ)
    if shutil.which("nvidia-smi") is None:
        environment.setdefault("PIP_EXTRA_INDEX_URL", CPU_BUILDS)
    setup = subprocess.run(["sh", "autograder/setup.sh"], cwd=suite, env=environment, check=False)
    if setup.returncode:
        raise NotGraded("its packages could not be installed, see above")
    return str(suite / ".venv" / "bin" / "python")


def graded(python: str, suite: Path, checkout: Path, out: Path) -> int:
    """Run the grader; give its exit code."""
    command = [python, "-m", "autograder", "grade", str(checkout), "--out", str(out)]
    for stage in about()["stages"]:
        command += ["--stage", str(stage)]
    try:
        ended = run(command, suite, {}, SECONDS)
    except subprocess.TimeoutExpired:
        raise NotGraded(f"it took more than {SECONDS} seconds; your instructor grades it") from None
    # Two spaces: what stands in column 0 could be a command to the runner.
    print("\n".join(f"  {line}" for line in (ended.stdout + ended.stderr).splitlines()))
    if ended.returncode not in (GRADED, NOTHING_TO_GRADE):
        raise NotGraded(f"the grader ended with {ended.returncode}, see above")
    return ended.returncode


def told(python: str, suite: Path, out: Path, checkout: Path) -> None:
    """Write result.json, release-body.md and report.html into the checkout."""
    identity = {name: os.environ.get(name, "") for name in IDENTITY}
    result = out / "result.json"
    command = [python, "-m", "autograder", "summary", str(out), "--classroom50", str(result)]
    ended = run(command, suite, identity, SECONDS)
    if ended.returncode:
        raise NotGraded(f"its score is open: {ended.stderr.strip()[-300:]}")
    place(checkout / "report.html", (out / "report.html").read_text(encoding="utf-8"))
    place(checkout / "release-body.md", ended.stdout)
    place(checkout / "result.json", result.read_text(encoding="utf-8"))


def nothing(checkout: Path) -> None:
    """The result of a checkout without a submission in it: a zero, and why."""
    most = about()["most"]
    said = os.environ.get
    text = "there is no folder pagedlab/ with a module in it"
    result = {
        "schema": "classroom50/result/v1",
        "classroom": said("CLASSROOM", ""),
        "assignment": said("ASSIGNMENT", ""),
        "assignment_type": said("ASSIGNMENT_TYPE", ""),
        "owner": said("OWNER", ""),
        "submission": said("SUBMISSION_TAG", ""),
        "commit": said("COMMIT_URL", ""),
        "release": said("RELEASE_URL", ""),
        "review": said("REVIEW_URL") or said("COMMIT_URL", ""),
        "datetime": "1970-01-01T00:00:00Z",  # the runner puts the commit's there
        "score": 0,
        "max-score": most,
        "tests": [{"test-name": text, "passed": False, "score": 0, "max-score": most}],
    }
    place(checkout / "release-body.md", f"### PagedLab: nothing to grade\n\n{text}\n")
    place(checkout / "result.json", json.dumps(result, indent=1) + "\n")


def place(file: Path, text: str) -> None:
    """Write a file where a student may have put a link, or a folder, of that name."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    elif os.path.lexists(file):
        file.unlink()
    with file.open("x", encoding="utf-8") as new:
        new.write(text)


def run(
    command: list[str], suite: Path, more: dict[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a verb of the suite with the few variables that it needs."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        command,
        cwd=suite,
        env={**kept, **more, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
    )


def about() -> dict[str, Any]:
    """What the publisher says: the suite's hash, the stages, the most points in hundredths."""
    data = json.loads((HERE / "suite.json").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


if __name__ == "__main__":
    sys.exit(main())
