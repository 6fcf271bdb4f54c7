"""Classroom 50's `result.json`: integers only, so everything is in hundredths of a point.

From foundation50/classroom50, wiki/Advanced-Autograding and `runner.py`, `validate_result` (August
2026): a document whose identity, integers or bounds are not right is published as an error, and
counts as 0 of 0. The runner itself stamps `owner`, `assignment_type`, `datetime` and `graded_at`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from autograder.protocol.plain import Json
from autograder.report.run import Run
from autograder.report.shown import shown
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore

SCHEMA = "classroom50/result/v1"
IDENTITY = (
    *("classroom", "assignment", "assignment_type", "owner", "submission"),
    *("commit", "release", "review", "datetime"),
)
"""What says whose result it is, of what. None of it may be empty."""


def document(
    identity: Mapping[str, str], score: int, most: int, tests: Sequence[Mapping[str, Json]]
) -> dict[str, Json]:
    """The document. `score` and `most` are hundredths of a point."""
    head: dict[str, Json] = {name: identity.get(name, "") for name in IDENTITY}
    return {
        "schema": SCHEMA,
        **head,
        "score": score,
        "max-score": most,
        "tests": [dict(one) for one in tests],
    }


def entries_of(run: Run) -> list[dict[str, Json]]:
    """A test for each rule that is worth points here; hidden ones have no name.

    The most that they give adds up to the visible points. Scores are at most that, and add up to
    the run's where the fractions of rules that are passed in part allow it.
    """
    rules = [one for one in run.rules() if one.maximum]
    most = whole_shares([one.maximum for one in rules], int(run.visible * 100))
    scores = _scores(rules, most, int(run.score * 100))
    return [
        {
            "test-name": shown(one, number),
            "passed": one.status is Status.PASS,
            "score": score,
            "max-score": maximum,
        }
        for number, (one, score, maximum) in enumerate(zip(rules, scores, most, strict=True), 1)
    ]


def whole_shares(parts: Sequence[Fraction], total: int) -> list[int]:
    """Hundredths of each part as integers that add up to the total (largest remainders)."""
    whole = [int(part * 100) for part in parts]
    left = max(0, total - sum(whole))
    for number in _by_remainder(parts, whole)[:left]:
        whole[number] += 1
    return whole


def _scores(rules: Sequence[RuleScore], most: Sequence[int], total: int) -> list[int]:
    """All of what a full rule gives, nothing for none, and near its part for one in between."""
    full = [one.points == one.maximum for one in rules]
    parts = [one.points for one in rules]
    scores = [m if f else int(p * 100) for f, p, m in zip(full, parts, most, strict=True)]
    left = total - sum(scores)
    for number in _by_remainder(parts, scores):
        if left > 0 and 0 < parts[number] and scores[number] < most[number]:
            scores[number] += 1
            left -= 1
    return scores


def _by_remainder(parts: Sequence[Fraction], whole: Sequence[int]) -> list[int]:
    return sorted(range(len(parts)), key=lambda number: whole[number] - parts[number] * 100)
