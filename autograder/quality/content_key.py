"""Names all that the static checks' outcomes follow from, so that they can be kept by content."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.quality.modules import Submission
from autograder.rubric.model import Stage
from autograder.scoring.kept import digest_of

TOOLS = ("black", "ruff", "mypy", "pydoclint", "docstring_parser_fork")
OURS = Path(__file__).parent


def key_of(stage: Stage, submission: Submission) -> str:
    """A digest of all that the outcomes depend on: files, rules, this package, the tools."""
    parts = [sys.version, *(f"{name} {_version(name)}" for name in TOOLS)]
    parts += [f"{rule.id} {rule.check}" for rule in stage.rules if rule.check]
    parts += [*stage.modules, "needs", *stage.needs]
    parts += [(stage.folder / "api.toml").read_text("utf-8")]
    for file in sorted(
        [*OURS.glob("*.py"), *OURS.glob("config/*.toml"), *OURS.glob("config/*.ini")]
    ):
        parts += [file.name, file.read_text("utf-8")]
    for name, text in sorted(submission.raw_files().items()):
        parts += [name, text]
    parts += [finding.text() for finding in submission.unreadable]
    return digest_of(parts)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
