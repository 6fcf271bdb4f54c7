"""What the grades of a class say of the class and of the rules. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.report.run import Run
from autograder.rubric.model import Axis, Rule, Stage
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore, StageScore

LOOK_BELOW = 0.15
"""Discrimination below which an item tells strong and weak students apart badly."""
RARE, COMMON = 0.10, 0.97
UNTRIED = (Status.NOT_ATTEMPTED, Status.BLOCKED, Status.SKIPPED)
FEWEST = 10
"""Students below which discrimination says nothing."""


@dataclass(frozen=True)
class Item:
    """One rule, over the class.

    Attributes:
        tried: students who attempted it.
        passed: students who have all of its points.
        slow: students for whom it ended by a limit of time.
        share: mean earned part of its points, among all, 0 ... 1.
        discrimination: correlation of that part with the rest of the score; None where too few
            students or no differences leave it open.
        first: students for whom it is the first failure.
        remark: why it is worth a look, or "".
    """

    rule: Rule
    tried: int
    passed: int
    slow: int
    share: float
    discrimination: float | None
    first: int
    remark: str = ""


@dataclass(frozen=True)
class StageMeans:
    """One stage, over the class: means in points.

    Attributes:
        tried: students who attempted any rule of it.
        cells: by axis, the mean and the most.
    """

    stage: Stage
    tried: int
    mean: float
    maximum: int
    cells: Mapping[Axis, tuple[float, int]]


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
    totals = [float(run.score) for run in runs]
    return [_item(scores, totals, firsts) for scores in columns if worth(scores)]


def worth(scores: Sequence[RuleScore]) -> bool:
    """True if the rule gave points to somebody's grading: a lane may not be on every machine."""
    return any(one.maximum for one in scores)


def stages_of(runs: Sequence[Run]) -> list[StageMeans]:
    """Every graded stage, in rubric order."""
    columns = zip(*(run.stages for run in runs), strict=True)
    return [_means(scores) for scores in columns]


def _means(scores: Sequence[StageScore]) -> StageMeans:
    cells = {
        cell.axis: (statistics.fmean(float(one.cells[at].score) for one in scores), cell.maximum)
        for at, cell in enumerate(scores[0].cells)
    }
    tried = sum(any(rule.status not in UNTRIED for rule in one.rules) for one in scores)
    mean = statistics.fmean(float(one.score) for one in scores)
    return StageMeans(scores[0].stage, tried, mean, scores[0].maximum, cells)


def earned(score: RuleScore) -> float:
    """The earned part of a rule's points."""
    return float(score.points / score.maximum) if score.maximum else 0.0


def _of(runs: Sequence[Run], position: int) -> list[RuleScore]:
    return [run.rules()[position] for run in runs]


def _item(scores: Sequence[RuleScore], totals: Sequence[float], firsts: Counter[str]) -> Item:
    rule = scores[0].rule
    here = [(total, one) for total, one in zip(totals, scores, strict=True) if one.maximum]
    shares = [earned(one) for _, one in here]
    rest = [total - float(one.points) for total, one in here]
    tried = sum(one.status not in UNTRIED for one in scores)
    mean, correlation = statistics.fmean(shares), _correlation(shares, rest)
    remark = ""
    if mean > COMMON:
        remark = "nearly everybody gets it"
    elif mean < RARE:
        remark = "hardly anybody gets it"
    elif correlation is not None and correlation < LOOK_BELOW:
        remark = "strong students fail it as often as weak ones: look at the rule"
    passed = sum(one.status is Status.PASS for one in scores)
    slow = sum(one.status is Status.TIMEOUT for one in scores)
    return Item(rule, tried, passed, slow, mean, correlation, firsts[rule.id], remark)


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(one) < FEWEST or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return statistics.correlation(one, other)
