"""Why a module of a submission cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.staging import Problem
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json


@dataclass(frozen=True)
class ImportFailure:
    """Why a module of the submission cannot be used."""

    module: str
    kind: str
    summary: str
    place: str


def try_import(
    module: str, problems: Sequence[Problem], fork: Callable[[], Worker], budget: Budget
) -> ImportFailure | None:
    """Import one module in a worker of its own.

    Args:
        module: of the submission.
        problems: files that were not taken.
        fork: gives a worker, which is ended here.
        budget: what the import may cost.
    """
    for problem in problems:
        if Path(problem.file).stem == module:
            return _missing(module, problem)
    worker = fork()
    try:
        report = worker.request("load", {"modules": [module]}, budget)
        error = report.get(module) if isinstance(report, dict) else {}
    except (WorkerEnded, RequestFailed) as ended:
        return ImportFailure(module, "import", f"importing it: {ended}", f"pagedlab/{module}.py")
    finally:
        worker.close()
    return None if error is None else _told(module, error, problems)


def _missing(module: str, problem: Problem) -> ImportFailure:
    return ImportFailure(module, "missing", f"pagedlab/{problem.file} {problem.reason}", "")


def _told(module: str, error: Json, problems: Sequence[Problem]) -> ImportFailure:
    """What a worker's untrusted account of an import that failed means."""
    if not isinstance(error, dict):
        return ImportFailure(module, "import", "importing it gave no clear answer", "")
    if error.get("error") == "ModuleNotFoundError" and problems:
        return _missing(module, problems[0])
    summary = f"{error.get('error')}: {error.get('message')}"
    return ImportFailure(module, "import", summary, str(error.get("place")))
