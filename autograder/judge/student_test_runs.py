"""The student's own tests as material: which files, run against what, and what they said."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.parents import Parents
from autograder.judge.warm_parent import WarmParent
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage
from autograder.sandbox.policy import Limits
from autograder.scoring import kept

Kind = TypeVar("Kind", str, float)
LONGEST = 240
"""Characters of a reason."""
MAX_FILES, MAX_BYTES = 20, 1 << 18
CPU_SECONDS = 5.0
"""Of all tests of a stage together: Python, PyTorch and Triton are loaded before."""
BUDGET = Budget(cpu_seconds=CPU_SECONDS + 1.0, wall_seconds=20.0, memory_bytes=1 << 30)
"""For a test that does not let itself be ended after these."""
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
    """What the tests said of one variant: a claim.

    Attributes:
        ran: names of tests.
        failed: names of tests and files.
        ended: how they were ended before their end, or "".
        reasons: of those that failed, what was raised and where.
        seconds: CPU time of each test, the dearest first.
        total: CPU seconds of all, what is around the tests included.
    """

    ran: frozenset[str]
    failed: frozenset[str]
    ended: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    total: float = 0.0


def run_tests(parent: WarmParent, folder: Path) -> Run:
    """Run the tests of one folder in a fresh worker. What they say is a claim."""
    worker = Worker(parent, folder, LIMITS)
    inner: Json = {"stage_dir": str(folder), "cpu_seconds": CPU_SECONDS}
    args: dict[str, Json] = {"module": RUNNER, "function": "run", "args": inner}
    try:
        reply = worker.request("call", args, BUDGET)
    except (WorkerEnded, RequestFailed) as ended:
        return Run(frozenset(), frozenset(), str(ended) or "ended")
    finally:
        worker.close()
    if not isinstance(reply, dict):
        return Run(frozenset(), frozenset(), "the tests gave no result")
    ran, failed = _names(reply.get("ran")), _names(reply.get("failed"))
    reasons = {name: said[:LONGEST] for name, said in _pairs(reply.get("reasons"), str)}
    by_test = dict(sorted(_pairs(reply.get("seconds"), float), key=lambda one: -one[1]))
    (_, total), *_ = [*_pairs({"total": reply.get("total")}, float), ("total", 0.0)]
    stopped = reply.get("stopped_in")
    if not stopped:
        return Run(ran, failed, "", reasons, by_test, total)
    told = f"all {CPU_SECONDS:g} CPU seconds were used up in {str(stopped)[:LONGEST]}"
    return Run(frozenset(), frozenset(), told, reasons, by_test, total)


def _pairs(value: object, kind: type[Kind]) -> list[tuple[str, Kind]]:
    """Names with what is said of each, as far as it is of that kind."""
    pairs = value.items() if isinstance(value, dict) else ()
    return [(str(name)[:120], one) for name, one in pairs if type(one) is kind][:1000]


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
