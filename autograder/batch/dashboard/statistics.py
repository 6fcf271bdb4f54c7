"""What the grades of a class say of the class and of the rules. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.report.run import Run
from autograder.rubric.model import Rule
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore

LOOK_BELOW = 0.15
"""Discrimination below which an item tells strong and weak students apart badly."""
RARE, COMMON = 0.10, 0.97
FEWEST = 10
"""Students below which discrimination says nothing."""


@dataclass(frozen=True)
class Item:
    """One rule, over the class.

    Attributes:
        tried: students who attempted it.
        share: mean earned part of its points, among all, 0 ... 1.
        discrimination: correlation of that part with the rest of the score; None where too few
            students or no differences leave it open.
        first: students for whom it is the first failure.
        remark: why it is worth a look, or "".
    """

    rule: Rule
    tried: int
    share: float
    discrimination: float | None
    first: int
    remark: str = ""


@dataclass(frozen=True)
class Summary:
    """Scores of a class, in points."""

    count: int
    mean: float
    median: float
    deviation: float


def summary_of(scores: Sequence[float]) -> Summary | None:
    """The usual figures; None for nobody."""
    if not scores:
        return None
    deviation = statistics.pstdev(scores)
    return Summary(len(scores), statistics.fmean(scores), statistics.median(scores), deviation)


def histogram(scores: Collection[float], most: float, bins: int = 20) -> list[int]:
    """How many scores lie in each of the equal parts of 0 ... most."""
    counts = [0] * bins
    for score in scores:
        counts[min(bins - 1, max(0, int(score / most * bins)))] += 1
    return counts


def items_of(runs: Sequence[Run]) -> list[Item]:
    """Every rule that is worth points, in rubric order."""
    if not runs:
        return []
    firsts = Counter(run.first.rule.id for run in runs if run.first)
    columns = [_of(runs, position) for position in range(len(runs[0].rules()))]
    return [
        _item(scores, [float(run.score) for run in runs], firsts)
        for scores in columns
        if scores[0].maximum
    ]


def earned(score: RuleScore) -> float:
    """The earned part of a rule's points."""
    return float(score.points / score.maximum) if score.maximum else 0.0


def _of(runs: Sequence[Run], position: int) -> list[RuleScore]:
    return [run.rules()[position] for run in runs]


def _item(scores: Sequence[RuleScore], totals: Sequence[float], firsts: Counter[str]) -> Item:
    rule = scores[0].rule
    shares = [earned(one) for one in scores]
    rest = [total - float(one.points) for total, one in zip(totals, scores, strict=True)]
    untried = (Status.NOT_ATTEMPTED, Status.BLOCKED, Status.SKIPPED)
    tried = sum(one.status not in untried for one in scores)
    mean, correlation = statistics.fmean(shares), _correlation(shares, rest)
    remark = ""
    if mean > COMMON:
        remark = "nearly everybody gets it"
    elif mean < RARE:
        remark = "hardly anybody gets it"
    elif correlation is not None and correlation < LOOK_BELOW:
        remark = "strong students fail it as often as weak ones: look at the rule"
    return Item(rule, tried, mean, correlation, firsts[rule.id], remark)


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(one) < FEWEST or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return statistics.correlation(one, other)
