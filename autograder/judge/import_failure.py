"""Why a module of a submission cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.judge.staging import Problem
from autograder.protocol.plain import Json


@dataclass(frozen=True)
class ImportFailure:
    """Why a module of the submission cannot be used."""

    module: str
    kind: str
    summary: str
    place: str


def missing(module: str, problem: Problem) -> ImportFailure:
    """The failure of a module for want of a file."""
    return ImportFailure(module, "missing", f"pagedlab/{problem.file} {problem.reason}", "")


def import_failure(module: str, error: Json, problems: Sequence[Problem]) -> ImportFailure:
    """What a worker's untrusted account of an import that failed means.

    Args:
        module: that could not be imported.
        error: name, message and place of what was raised.
        problems: files that were not taken; a module that is not found may be one of these.
    """
    if not isinstance(error, dict):
        return ImportFailure(module, "import", "importing it gave no clear answer", "")
    if error.get("error") == "ModuleNotFoundError" and problems:
        return missing(module, problems[0])
    summary = f"{error.get('error')}: {error.get('message')}"
    return ImportFailure(module, "import", summary, str(error.get("place")))
