"""A course of one or two made-up stages, and outcomes for their rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from autograder.rubric.model import Anchor, Axis, Course, Rule, Stage, StageHeader, StageLimits
from autograder.scoring.events import Header
from autograder.scoring.outcome import Binding, Cause, Outcome, Status
from autograder.scoring.result import StageScore
from autograder.scoring.score import score_stage

CELLS = {Axis.CORRECTNESS: 7, Axis.PERFORMANCE: 4, Axis.QUALITY: 3, Axis.DOCUMENTATION: 1}
FLAT = {"steps_small": 100.0, "steps_large": 100.0, "seconds_small": 0.1, "seconds_large": 0.1}
LETTERS = {
    Axis.CORRECTNESS: "",
    Axis.PERFORMANCE: "P",
    Axis.QUALITY: "Q",
    Axis.DOCUMENTATION: "D",
}


def rule(rule_id: str, axis: Axis, weight: int = 1, check: str = "", **fields: object) -> Rule:
    """One rule; ids are free."""
    stage = int(rule_id.partition(".")[0])
    made = Rule(
        rule_id, stage, axis, "A", f"Title of {rule_id}", weight, True, ("I1",), check=check
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def stage(rules: Iterable[Rule], stage_id: int = 1, **fields: object) -> Stage:
    """A stage with these rules; every performance rule has the same anchor."""
    rules = tuple(rules)
    made = Stage(
        id=stage_id,
        name="Block allocator",
        folder=Path("assignments/1_block_pool"),
        cells=CELLS,
        modules=("block_pool.py",),
        given=(),
        upstream=(),
        needs=(),
        limits=StageLimits(1.0, 1.0, 1.0, 1, 1, 1),
        gates={Axis.QUALITY: 0.4, Axis.DOCUMENTATION: 0.4},
        groups={"A": "All"},
        invariants={"I1": "free + in use + null = num_blocks, after every operation"},
        rules=rules,
        anchors={one.id: Anchor(1.0, 8.0) for one in rules if one.axis is Axis.PERFORMANCE},
        hidden_weight={},
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def rules_of(stage_id: int = 1, **counts: int) -> tuple[Rule, ...]:
    """So many rules an axis, of weight 1, 2, 3 and so on."""
    return tuple(
        rule(f"{stage_id}.{LETTERS[axis]}{number}", axis, number)
        for axis in Axis
        for number in range(1, counts.get(axis.value, 0) + 1)
    )


STANDARD = rules_of(correctness=4, performance=2, quality=2, documentation=2)


def outcome(rule_id: str, share: Fraction | int | str = 1, **fields: object) -> Outcome:
    """An outcome: passed for all of the points, failed for fewer."""
    exact = Fraction(share)
    status = Status.PASS if exact == 1 else Status.FAIL
    cause = None if exact == 1 else Cause("something is wrong", "finding")
    return replace(Outcome(rule_id, status, exact, cause=cause), **fields)  # type: ignore[arg-type]


def all_pass(made: Stage) -> list[Outcome]:
    """Full marks in everything that needs no person."""
    return [
        outcome(one.id, measured=FLAT if one.axis is Axis.PERFORMANCE else {})
        for one in made.rules
        if one.check != "human"
    ]


def fault(rule_id: str, **fields: object) -> Outcome:
    """The grader could not decide."""
    cause = Cause("the worker's parent process is gone", "grader")
    return replace(Outcome(rule_id, Status.ERROR, cause=cause), **fields)  # type: ignore[arg-type]


def score(made: Stage, *outcomes: Outcome, only: Iterable[str] = ()) -> StageScore:
    """Score these outcomes; later ones replace earlier ones."""
    return score_stage(made, found(outcomes), frozenset(only))


def found(outcomes: Iterable[Outcome]) -> Mapping[tuple[str, Binding], Outcome]:
    """As `score_stage` wants them."""
    return {(one.rule, one.binding): one for one in outcomes}


def course(*stages: Stage) -> Course:
    """A course of these stages and of one that is not in this suite."""
    headers = [StageHeader(one.id, one.name, one.folder.name, one.cells) for one in stages]
    headers.append(StageHeader(9, "Engine", "9_engine", CELLS))
    axes = {axis: CELLS[axis] * len(headers) for axis in Axis}
    return Course("PagedLab", "2026.1", axes, tuple(headers), stages)


HEADER = Header(
    suite="2026.1",
    suite_hash="0123456789abcdef" * 4,
    seed=7,
    submission="examples/submissions/half_finished",
    submission_hash="fedcba9876543210" * 4,
    stages=(1,),
    environment={"python": "3.11.7", "machine": "Linux x86_64"},
    isolation="namespaces (no network, private /tmp, read-only, hidden files not mounted; seccomp)",
    started="2026-01-01T00:00:00+00:00",
)
