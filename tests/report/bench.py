"""Runs as reports get them, made up by hand: one for each way in which grading can go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from autograder.report.run import Run
from autograder.rubric.model import Axis, Stage
from autograder.scoring.events import Header
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.scoring.score import score_run
from tests.scoring.bench import FLAT, HEADER, all_pass, course, fault, outcome, rule, stage

C, P, Q, D = Axis
RULES = (
    rule("1.1", C, 3, title="A new pool has every block free but the null block"),
    rule("1.2", C, 12, title="Allocation hands out different blocks that nobody holds"),
    rule("1.8", C, 5, title="A double free raises and changes nothing"),
    rule("1.10", C, 5, title="A cached block is found by its hash, in use or free"),
    rule("1.14", C, 3, title="A reset waits until the pool is idle, and then forgets everything"),
    rule("1.16", C, 5, title="The least recently freed cached block is evicted first"),
    rule(
        "1.P1",
        P,
        1,
        title="Allocating costs the same in a pool of a thousand blocks and of a million",
    ),
    rule(
        "1.P3",
        P,
        1,
        title="A hit on a free block costs the same in a small pool and in a huge one",
    ),
    rule("1.Q1", Q, 2, "format", title="Formatted by black, clean under ruff"),
    rule("1.Q2", Q, 3, "types", title="The public API is fully typed"),
    rule("1.Q5", Q, 4, "human", title="Names and decomposition (read by a person)"),
    rule("1.D2", D, 4, "claims", title="The claims in design.toml hold"),
)
STAGE = stage(RULES)

VIOLATION = Cause(
    summary="misuse raises the named error",
    kind="violation",
    invariant="I13",
    program=(
        "pool = BlockPool(num_blocks=2)",
        "a = pool.get_new_blocks(1)",
        "pool.free_blocks([a[0]])",
        "pool.free_blocks([a[0]])",
    ),
    failing_line=3,
    expected="raises DoubleFree",
    observed="no error",
    place="pagedlab/block_pool.py:125, BlockPool.free_blocks",
    notes=("before  free 1   blocks 1:x0", "after   free 1   blocks 1:x-1"),
)
LONG_LINE = Cause(
    summary="a lookup finds a block exactly when one is cached under that hash",
    kind="violation",
    invariant="I8",
    program=(
        "pool = BlockPool(num_blocks=33)",
        "pool.free_blocks([" + ", ".join(f"a[{index}]" for index in range(24)) + "])",
    ),
    failing_line=1,
    expected="finds " + "block 1, " * 30,
    observed="x" * 300,
    place="pagedlab/block_pool.py:90, " + "a_very_long_name_of_a_function" * 5,
)
FINDINGS = Cause(
    summary="8 findings of black and ruff",
    kind="finding",
    place="block_pool.py:3",
    notes=tuple(f"block_pool.py:{line} E501 line too long  fix: break it" for line in range(3, 16)),
)
SLOW = Cause("still running after 1 CPU seconds", "timeout", program=VIOLATION.program[:2])
STUB = Cause("Stage 1 - BlockPool.reset_prefix_cache is not written yet", "not_attempted")
BLOCKED = Cause("waits for rule 1.10 to pass", "requires")
NO_IMPORT = Cause(
    "SyntaxError: '(' was never closed (block_pool.py, line 12)",
    "import",
    place="pagedlab/block_pool.py:12",
)
CLAIMS = Cause(
    "1 of 2 claims in design.toml hold",
    "finding",
    notes=("reuse_order: you claim fifo; found: lifo",),
)
DEAR = {**FLAT, "steps_large": 400.0, "seconds_large": 0.4}


def make_run(
    *changes: Outcome, made: Stage = STAGE, header: Header = HEADER, before: str | None = None
) -> Run:
    """A run in which all pass, but for the changes."""
    outcomes = {one.rule: one for one in (*all_pass(made), *changes)}
    whole = course(made)
    scores = score_run(whole, (1,), outcomes.values())
    return Run(whole, header, scores, 12.345, None if before is None else Decimal(before))


def lost(rule_id: str, cause: Cause, status: Status = Status.FAIL, share: str = "0") -> Outcome:
    """A rule that did not pass."""
    return Outcome(rule_id, status, Fraction(share), cause=cause)


def everywhere(status: Status, cause: Cause, *axes: Axis) -> list[Outcome]:
    """The same for every rule of some axes."""
    rules = [one for one in RULES if one.axis in axes and one.check != "human"]
    return [lost(one.id, cause, status) for one in rules]


def all_pass_run() -> Run:
    """Nothing to complain of, in the course's own tree."""
    return make_run(before="15")


def at_home_run() -> Run:
    """All that is visible passes, in a student's tree."""
    hidden = replace(STAGE, rules=RULES[:5] + RULES[6:], hidden_weight={C: 5})
    return make_run(made=hidden, header=replace(HEADER, submission="."))


def half_finished_run() -> Run:
    """Every kind of failure, and progress since the last run."""
    return make_run(
        lost("1.8", VIOLATION),
        lost("1.10", LONG_LINE),
        lost("1.14", STUB, Status.NOT_ATTEMPTED),
        lost("1.16", SLOW, Status.TIMEOUT),
        lost("1.P1", BLOCKED, Status.BLOCKED),
        outcome("1.P3", measured=DEAR),
        lost("1.Q1", FINDINGS, share="1/2"),
        lost("1.D2", CLAIMS, share="1/2"),
        before="6.5",
    )


def starter_run() -> Run:
    """Nothing is written yet."""
    return make_run(
        *everywhere(Status.NOT_ATTEMPTED, STUB, C, P),
        lost("1.D2", CLAIMS),
    )


def import_failure_run() -> Run:
    """A file that cannot be parsed."""
    return make_run(*everywhere(Status.BLOCKED, NO_IMPORT, C, P))


def missing_file_run() -> Run:
    """A file that was not handed in."""
    missing = Cause("pagedlab/block_pool.py is missing", "missing")
    return make_run(*everywhere(Status.BLOCKED, missing, C, P))


def grader_fault_run() -> Run:
    """The grader could not do its work in two rules, and the student failed another."""
    long_story = Cause("KeyError: 'steps_small' while the growth of a cost was measured", "grader")
    return make_run(lost("1.8", VIOLATION), fault("1.16"), fault("1.P1", cause=long_story))


RUNS: Mapping[str, Callable[[], Run]] = {
    "all_pass": all_pass_run,
    "at_home": at_home_run,
    "half_finished": half_finished_run,
    "starter": starter_run,
    "import_failure": import_failure_run,
    "missing_file": missing_file_run,
    "grader_fault": grader_fault_run,
}
