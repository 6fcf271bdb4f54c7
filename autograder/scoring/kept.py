"""Outcomes kept by the content that they follow from. A damaged entry is as good as none."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.scoring.events import outcome_from_json, outcome_to_json
from autograder.scoring.outcome import Outcome


def digest_of(parts: Iterable[str | bytes]) -> str:
    """One name for all the content; where one part ends matters."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def load(folder: Path, key: str, rules: Sequence[str]) -> list[Outcome] | None:
    """The outcomes kept under a key; None unless there is one for each rule, in that order."""
    try:
        data = json.loads((folder / f"{key}.json").read_text("utf-8"))
        outcomes = [outcome_from_json(entry) for entry in data]
    except (OSError, ValueError, TypeError, AttributeError, KeyError, ZeroDivisionError):
        return None
    return outcomes if [outcome.rule for outcome in outcomes] == list(rules) else None


def store(folder: Path, key: str, outcomes: Iterable[Outcome]) -> None:
    """Keep outcomes under a key, all or nothing. Where the disk does not let us, nothing."""
    entries = [outcome_to_json(outcome) for outcome in outcomes]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            json.dump(entries, file)
        os.replace(file.name, folder / f"{key}.json")
    except OSError:
        pass
