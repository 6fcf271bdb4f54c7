"""Keeps outcomes by the content that they follow from. A damaged entry is as good as none."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.quality.modules import Submission
from autograder.rubric.model import Stage
from autograder.scoring.outcome import Cause, Outcome, Status

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
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def load(folder: Path, key: str, rules: Sequence[str]) -> list[Outcome] | None:
    """The outcomes kept under a key, None unless there is one for each rule, in that order."""
    try:
        data = json.loads((folder / f"{key}.json").read_text("utf-8"))
        outcomes = [_outcome(**entry) for entry in data]
    except (OSError, ValueError, TypeError, AttributeError, ZeroDivisionError):
        return None
    return outcomes if [outcome.rule for outcome in outcomes] == list(rules) else None


def store(folder: Path, key: str, outcomes: Iterable[Outcome]) -> None:
    """Keep outcomes under a key. Where the disk does not let us, nothing is kept."""
    entries = [
        {
            "rule": outcome.rule,
            "status": outcome.status.value,
            "share": str(outcome.share),
            "cause": asdict(outcome.cause) if outcome.cause else None,
        }
        for outcome in outcomes
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            json.dump(entries, file)
        os.replace(file.name, folder / f"{key}.json")
    except OSError:
        pass


def _outcome(rule: str, status: str, share: str, cause: dict[str, object] | None) -> Outcome:
    return Outcome(rule, Status(status), Fraction(share), cause=_cause(cause) if cause else None)


def _cause(entry: dict[str, object]) -> Cause:
    notes = entry["notes"]
    if not isinstance(notes, list):
        raise TypeError("notes are a list")
    return Cause(
        summary=str(entry["summary"]),
        kind=str(entry["kind"]),
        place=str(entry["place"]),
        notes=tuple(str(note) for note in notes),
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
