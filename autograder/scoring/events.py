"""The event log: JSON lines, appended as things happen. It is the truth; scores follow from it.

The first line is the run's header; every other line is one rule's outcome. A line that was cut
off by a crash is dropped; a later outcome of the same rule and binding replaces an earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.scoring.outcome import Binding, Cause, Outcome, Status

SCHEMA = "pagedlab.events/1"


@dataclass(frozen=True)
class Header:
    """What a run was: enough to repeat it and to tell why another gave other points."""

    suite: str
    suite_hash: str
    seed: int
    submission: str
    submission_hash: str
    stages: tuple[int, ...]
    environment: Mapping[str, str]
    isolation: str
    started: str
    lanes: Mapping[str, str] = field(default_factory=dict)
    """Of each lane of the graded stages: "" if it was there, else why not."""


class EventLog:
    """Writes one run's log. Every event is on disk when `add` returns."""

    def __init__(self, file: Path, header: Header) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("w", encoding="utf-8")
        self._write({"event": "run", "schema": SCHEMA, **asdict(header)})

    def add(self, outcome: Outcome) -> None:
        """Append one outcome."""
        self._write({"event": "rule", **outcome_to_json(outcome)})

    def close(self) -> None:
        """Close the file; nothing is buffered before that."""
        self._file.close()

    def _write(self, event: Mapping[str, object]) -> None:
        self._file.write(json.dumps(event, ensure_ascii=True) + "\n")
        self._file.flush()


class LogError(Exception):
    """A log cannot be read. Says which file and why."""


def read_log(file: Path) -> tuple[Header, tuple[Outcome, ...]]:
    """Read a log back.

    Raises:
        LogError: the file is missing or does not begin with a run's header, or a line of it is
            whole but no event.
    """
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise LogError(f"{file}: cannot be read ({error.strerror})") from error
    events = list(_parsed(lines))
    if not events or not isinstance(events[0], dict) or events[0].get("schema") != SCHEMA:
        raise LogError(f"{file}: not an event log of schema {SCHEMA}")
    head = {key: value for key, value in events[0].items() if key not in ("event", "schema")}
    try:
        header = Header(**{**head, "stages": tuple(head["stages"])})
        outcomes = [outcome_from_json(event) for event in events if event["event"] == "rule"]
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise LogError(f"{file}: an event has not the form of {SCHEMA} ({error!r})") from error
    latest = {(outcome.rule, outcome.binding): outcome for outcome in outcomes}
    return header, tuple(latest.values())


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """Plain data; the share stays an exact fraction."""
    data = asdict(outcome)
    data["share"] = [outcome.share.numerator, outcome.share.denominator]
    return data


def outcome_from_json(data: Mapping[str, Any]) -> Outcome:
    """The inverse of `outcome_to_json`."""
    cause = data["cause"]
    return Outcome(
        rule=data["rule"],
        status=Status(data["status"]),
        share=Fraction(*data["share"]),
        binding=Binding(data["binding"]),
        cause=None if cause is None else _cause(cause),
        seconds=data["seconds"],
        measured=data["measured"],
        notes=tuple(data.get("notes", ())),
    )


def _cause(data: Mapping[str, Any]) -> Cause:
    lists = {name: tuple(data.get(name, ())) for name in ("program", "notes", "imports")}
    return Cause(**{**data, **lists})


def _parsed(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue
