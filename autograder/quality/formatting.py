"""The check "format": half for files as black formats them, half for files clean under ruff."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from autograder.quality.findings import CheckerFault, Finding, Grade
from autograder.quality.modules import Submission
from autograder.quality.tools import Finished

BLACK_COMMAND = ".venv/bin/black -l 100 pagedlab"
RUFF_COMMAND = ".venv/bin/ruff check --config autograder/quality/config/ruff_rules.toml pagedlab"
BLACK_STATUSES = (0, 1, 123)
BLACK_WOULD = re.compile(r"^would reformat (?P<path>.+)$", re.MULTILINE)
BLACK_CANNOT = re.compile(
    r"^error: cannot (?:parse: (?P<path>[^:]+):(?P<line>\d+)|format (?P<other>[^:]+):(?P<why>.*))",
    re.MULTILINE,
)
HUNK = re.compile(r"^@@ -(?P<from>\d+)(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@")
COMPLEXITY = "C901"


def read_black(finished: Finished) -> list[Finding]:
    """One finding for each file that `black --check --diff` would change or cannot read.

    Raises:
        CheckerFault: black broke down.
    """
    first_lines = dict(_first_changes(finished.output.split("\n")))
    found = []
    for match in BLACK_WOULD.finditer(finished.errors):
        line, fix = first_lines.get(match["path"], 0), "let black format the file"
        found.append(
            Finding(_name(match["path"]), line, "black", "is formatted another way from here", fix)
        )
    for match in BLACK_CANNOT.finditer(finished.errors):
        if "INTERNAL ERROR" in (match["why"] or ""):
            raise CheckerFault(f"black broke down:{match['why']}"[:200])
        line = int(match["line"] or 0)
        found.append(
            Finding(_name(match["path"] or match["other"]), line, "black", "cannot be parsed")
        )
    if finished.code not in BLACK_STATUSES or bool(finished.code) != bool(found):
        raise CheckerFault(f"black broke down: {finished.reason()}")
    return found


def read_ruff(finished: Finished) -> list[Finding]:
    """Findings of `ruff check --output-format json-lines --exit-zero`, complexity among them.

    Raises:
        CheckerFault: ruff broke down.
    """
    if finished.code != 0:
        raise CheckerFault(f"ruff broke down: {finished.reason()}")
    try:
        entries = [json.loads(line) for line in finished.output.splitlines()]
        return [
            Finding(
                file=_name(entry["filename"]),
                line=int(entry["location"]["row"]),
                code=entry["code"] or "syntax",
                message=entry["message"],
                fix="split it" if entry["code"] == COMPLEXITY else _fix(entry["fix"]),
            )
            for entry in entries
        ]
    except (ValueError, KeyError, TypeError):
        raise CheckerFault(f"ruff broke down: {finished.reason()}") from None


def grade_format(
    submission: Submission, black: Sequence[Finding], ruff: Sequence[Finding]
) -> Grade:
    """Half of the share is the part of the stage's files as black formats them.

    The other half is the part of the files without a finding of ruff's rules E, F, I, B, UP and W.
    A file that is missing or is not Python counts as wrong in both.
    """
    ruff = [finding for finding in ruff if finding.code != COMPLEXITY]
    lost = {finding.file for finding in submission.unreadable}
    formatted = _clean(submission.files, black, lost)
    linted = _clean(submission.files, ruff, lost)
    asked = len(submission.files)
    return Grade(
        share=Fraction(formatted + linted, 2 * asked),
        summary=f"{formatted} of {asked} files are as black formats them, "
        f"{linted} of {asked} are clean under ruff",
        findings=tuple(
            finding
            for finding in (*submission.unreadable, *black, *ruff)
            if finding.file in submission.files
        ),
        commands=(BLACK_COMMAND,) * bool(black) + ruff_commands(ruff),
    )


def ruff_commands(ruff: Sequence[Finding]) -> tuple[str, ...]:
    """How to see what ruff finds; how to have it mended, if ruff can mend some of it."""
    if any(finding.fix for finding in ruff):
        return (f"{RUFF_COMMAND} --fix",)
    return (RUFF_COMMAND,) * bool(ruff)


def _fix(entry: dict[str, Any] | None) -> str:
    return str((entry or {}).get("message") or "")


def _clean(files: Sequence[str], findings: Sequence[Finding], lost: set[str]) -> int:
    return len(set(files) - {finding.file for finding in findings} - lost)


def _first_changes(diff: Sequence[str]) -> Iterator[tuple[str, int]]:
    """For each file of a unified diff, its path and the first line that changes.

    Hunks are counted off by their headers, so that no line of a file is taken for a header.
    """
    path, index = "", 0
    while index < len(diff):
        line = diff[index]
        index += 1
        hunk = HUNK.match(line)
        if line.startswith("--- "):
            path, seen = line[4:].split("\t")[0], False
        elif hunk:
            at, old, new = int(hunk["from"]), int(hunk["old"] or 1), int(hunk["new"] or 1)
            while (old > 0 or new > 0) and index < len(diff):
                kind = diff[index][:1]
                index += 1
                if kind in "+-" and kind and not seen:
                    seen = True
                    yield path, at
                at += kind != "+"
                old -= kind in (" ", "-", "")
                new -= kind in (" ", "+", "")


def _name(path: str) -> str:
    return PurePosixPath(path).name
