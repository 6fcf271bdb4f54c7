"""Azure LLM inference traces: CSV with TIMESTAMP, ContextTokens, GeneratedTokens."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime

from workload.records import Bad, build_trace, tokens
from workload.trace import Request, Trace, WorkloadError

COLUMNS = (
    ("TIMESTAMP", "arrival_s"),
    ("ContextTokens", "prompt_tokens"),
    ("GeneratedTokens", "output_tokens"),
)
"""The published names, then the names of common excerpts. Other columns are passed over."""


def parse_azure(file: str, lines: Iterator[str]) -> Trace:
    """Read the lines of a file; `file` is its name for messages.

    A time is a date as published (2023, or 2024 with a zone), or seconds from any start.

    Raises:
        WorkloadError: a line is not a request.
    """
    rows = csv.reader(lines)
    requests = []
    try:
        places = _places(next(rows, []))
        for row in rows:
            if row:
                requests.append(_request(row, places))
    except (Bad, csv.Error) as error:
        raise WorkloadError(f"{file}:{max(1, rows.line_num)}: {error}") from error
    return build_trace(file, requests)


def _places(header: list[str]) -> list[int]:
    names = [name.strip() for name in header]
    places = []
    for accepted in COLUMNS:
        found = [names.index(name) for name in accepted if name in names]
        if not found:
            raise Bad(f"no column {accepted[0]}; the header must name it")
        places.append(found[0])
    return places


def _request(row: list[str], places: list[int]) -> Request:
    if len(row) <= max(places):
        raise Bad(f"{len(row)} fields are too few; the header has more")
    time, prompt, output = (row[place].strip() for place in places)
    return Request(
        _seconds(time), tokens(prompt, "ContextTokens"), tokens(output, "GeneratedTokens")
    )


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = _date(text)
    if not math.isfinite(number):
        raise Bad(f"TIMESTAMP must be a date or seconds, not {text[:40]!r}")
    return number


def _date(text: str) -> float:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
