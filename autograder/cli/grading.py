"""Grade one submission from the command line: log, score, files. Shared by `grade` and `check`."""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from autograder.cli.provenance import header_of
from autograder.judge.grade import Job, grade_stage
from autograder.judge.lanes import lanes_of
from autograder.judge.parents import Parents
from autograder.judge.plugin import Record
from autograder.judge.staging import package_of
from autograder.report.html import page
from autograder.report.results import results
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.rubric.model import Course, Stage
from autograder.sandbox.isolation import Isolation, Tier, probe
from autograder.sandbox.policy import Limits, Policy
from autograder.scoring.events import EventLog, Header, read_log
from autograder.scoring.outcome import Outcome
from autograder.scoring.score import score_run

ROOT = Path(__file__).resolve().parents[2]
OUT = ".pagedlab"
SEED_BITS = 31


class Refused(Exception):
    """The request cannot be carried out. One line that says why and what to do."""


class Unfit(Refused):
    """This machine, or the place of this checkout on it, does not allow it."""


@dataclass(frozen=True)
class Request:
    """What the command line asked for.

    Attributes:
        stages: numbers; empty for all of the suite.
        rules: ids; empty for all.
        seed: None for a fresh one.
        out: directory that gets the log and the reports.
        at_most: the strongest isolation to use.
        required: the weakest isolation to accept, or None.
        lanes: grade with these alone; None for all that the machine has.
    """

    submission: Path
    stages: tuple[int, ...] = ()
    rules: frozenset[str] = frozenset()
    seed: int | None = None
    out: Path = ROOT / OUT
    at_most: Tier = Tier.NAMESPACES
    required: Tier | None = None
    lanes: frozenset[str] | None = None


def grade_submission(request: Request, watch: Record) -> Run:
    """Grade, leaving events.jsonl, results.json and report.html in `request.out`.

    Args:
        request: what to grade.
        watch: called with each outcome as it falls, for progress.

    Raises:
        Refused: unknown stage or rule, or `out` cannot be written to.
        Unfit: too little isolation.
        NothingToGrade: the directory holds no submission.
        RubricError: the suite contradicts itself.
    """
    start = time.monotonic()
    course = load_course(ROOT / "assignments")
    stages = _wanted_stages(course, request)
    package_of(request.submission)  # before the log of the run before this one is replaced
    isolation = _isolation(request)
    seed = secrets.randbits(SEED_BITS) if request.seed is None else request.seed
    lanes = lanes_of(stages, request.lanes)
    header = header_of(ROOT, course, request.submission, stages, isolation, seed, lanes)
    before = _previous_score(request.out, header)
    try:
        log = EventLog(request.out / "events.jsonl", header)
    except OSError as error:
        raise Refused(f"{request.out}: cannot be written to ({error.strerror})") from None

    def record(outcome: Outcome) -> None:
        log.add(outcome)
        watch(outcome)

    cache = request.out / "cache"
    try:
        with Parents(isolation) as parents:
            rules, earlier = request.rules, course.stages
            job = Job(ROOT, request.submission, parents, seed, cache, rules, earlier, lanes=lanes)
            for stage in stages:
                grade_stage(job, stage, record)
    finally:
        log.close()
    return finish(course, request.out, time.monotonic() - start, before, request.rules)


def finish(
    course: Course,
    out: Path,
    seconds: float,
    before: Decimal | None = None,
    rules: frozenset[str] = frozenset(),
) -> Run:
    """Score the log in `out` and write results.json and report.html beside it.

    Args:
        course: the rubric to score by.
        out: directory with events.jsonl.
        seconds: how long grading took.
        before: total of the run before this one.
        rules: if any, only these were graded: they are scored, and no files are written.

    Raises:
        LogError: the log cannot be read.
    """
    header, outcomes = read_log(out / "events.jsonl")
    scores = score_run(course, header.stages, outcomes, rules)
    run = Run(course, header, scores, seconds, before)
    if not rules:
        _replace(out / "results.json", json.dumps(results(run), indent=1) + "\n")
        _replace(out / "report.html", page(run))
    return run


def _wanted_stages(course: Course, request: Request) -> list[Stage]:
    known = {stage.id: stage for stage in course.stages}
    for number in request.stages:
        if number not in known:
            have = ", ".join(map(str, known))
            raise Refused(f"there is no stage {number} in this suite; it has: {have}")
    for rule in request.rules:
        try:
            course.rule(rule)
        except KeyError:
            raise Refused(f"there is no rule {rule!r} in this suite; see rubric.md") from None
    wanted = request.stages or tuple(known)
    if request.rules:
        wanted = tuple(sorted({course.rule(rule).stage for rule in request.rules}))
    lanes = {name for number in wanted for name in known[number].lanes}
    for lane in request.lanes or ():
        if lane not in lanes:
            have = ", ".join(sorted(lanes)) or "none"
            raise Refused(f"there is no lane {lane!r} in these stages; they have: {have}")
    return [known[number] for number in wanted]


def _isolation(request: Request) -> Isolation:
    isolation = probe(request.at_most)
    order = list(Tier)
    if Policy((), Limits(), ()).exposes(str(ROOT / "assignments")):
        raise Unfit(
            f"{ROOT} lies inside what every worker can read (the system's or Python's own folders);"
            " move the checkout elsewhere"
        )
    if request.required and order.index(isolation.tier) > order.index(request.required):
        raise Unfit(
            f"{request.required} isolation is asked for, this machine gives {isolation.describe()};"
            " run `make doctor`"
        )
    return isolation


def _previous_score(out: Path, header: Header) -> Decimal | None:
    try:
        old = json.loads((out / "results.json").read_text(encoding="utf-8"))
        same = old["submission"]["path"] == header.submission
        graded = tuple(stage["id"] for stage in old["stages"])
        return Decimal(str(old["score"])) if same and graded == header.stages else None
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def _replace(file: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
