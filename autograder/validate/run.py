"""Grade variants, two at a time, each in a process of its own."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from autograder.judge.grade import Job, grade_stage
from autograder.judge.parents import Parents
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.sandbox.isolation import Isolation
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.result import RuleScore
from autograder.scoring.score import score_stage
from autograder.validate.variant import Kind, Variant, tested_rules
from autograder.validate.verdict import Graded

MOST_PROCESSES = 4


def grade_all(
    root: Path, stage_id: int, variants: Sequence[Variant], isolation: Isolation, seed: int
) -> Iterator[tuple[Variant, dict[str, Graded]]]:
    """Grade every variant by its rules; give each with its results, in the given order."""
    one = partial(grade_one, root, stage_id, isolation, seed)
    with _processes() as pool:
        yield from zip(variants, pool.map(one, variants), strict=True)


def grade_seeds(
    root: Path, stage: Stage, submission: Path, isolation: Isolation, seeds: Iterable[int]
) -> list[dict[str, Graded]]:
    """Grade one submission by the stage's tested rules once a seed."""
    variant = Variant(submission.name, Kind.WHEAT, submission, tested_rules(stage))
    with _processes() as pool:
        runs = [pool.submit(grade_one, root, stage.id, isolation, seed, variant) for seed in seeds]
        return [run.result() for run in runs]


@cache
def _parents(isolation: Isolation) -> Parents:
    """For all the harmless variants of one process; they end with it."""
    return Parents(isolation)


def _processes() -> ProcessPoolExecutor:
    count = max(1, min(MOST_PROCESSES, os.cpu_count() or 1))
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


def grade_one(
    root: Path, stage_id: int, isolation: Isolation, seed: int, variant: Variant
) -> dict[str, Graded]:
    """Grade one variant; by rule, in rubric order."""
    course = load_course(root / "assignments")
    stage = course.stage(stage_id)
    outcomes: list[Outcome] = []
    hostile = variant.kind is Kind.ATTACK
    with (
        Parents(isolation) if hostile else nullcontext(_parents(isolation)) as parents,
        tempfile.TemporaryDirectory() as folder,
    ):
        job = Job(
            root,
            variant.folder,
            parents,
            seed,
            cache=Path(folder),
            rules=variant.rules,
            earlier=course.stages,
            shortens=hostile,
            integrated=variant.integrated,
        )
        grade_stage(job, stage, outcomes.append)
    found = {(outcome.rule, outcome.binding): outcome for outcome in outcomes}
    counted = stage if variant.integrated else replace(stage, upstream=())
    score = score_stage(counted, found, variant.rules)
    return {
        one.rule.id: Graded(
            one.status,
            one.maximum - one.points,
            one.cause.summary if one.cause else "",
            _lane(stage, one) if one.points < one.maximum else "",
            one.flag,
        )
        for one in score.rules
    }


def _lane(stage: Stage, lost: RuleScore) -> str:
    """How a loss was seen, if the stage has a `lanes.py` that can tell; "" for what only waits."""
    if lost.status is Status.BLOCKED or not (stage.folder / "lanes.py").is_file():
        return ""
    lanes = importlib.import_module(f"stage{stage.id}.lanes")
    return str(lanes.lane_of(lost.rule, lost.cause))
