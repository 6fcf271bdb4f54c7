"""The three solutions that anchor stage 4's performance, and what is recorded of them.

python -m tests.stages.attention.solutions     measures them, and writes solutions.toml
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from autograder.judge.grade import Job, grade_stage
from autograder.judge.lanes import lanes_of
from autograder.rubric.model import Axis
from autograder.scoring.outcome import Outcome, Status
from autograder.scoring.performance import cost_of
from autograder.source.solutions import anchor_wheats, build_wheat
from tests.stages.attention.bench import REFERENCE, ROOT, STAGE, new_parents

FILE = Path(__file__).with_name("solutions.toml")
ROLES = ("naive", "middle", "reference")
Costs = Mapping[str, float]


def recorded() -> Mapping[str, Costs]:
    """By solution and rule, as written down."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def measured_rules() -> list[str]:
    """The performance rules that this machine can decide."""
    lanes = lanes_of([STAGE])
    return [one.id for one in STAGE.cell(Axis.PERFORMANCE) if not lanes[one.lane]]


def graded(role: str, *rules: str) -> list[Outcome]:
    """A solution's outcomes by these rules; by all that are tested, if none are named."""
    tested = (one.id for axis in (Axis.CORRECTNESS, Axis.PERFORMANCE) for one in STAGE.cell(axis))
    outcomes: list[Outcome] = []
    with solution(role) as folder, new_parents() as parents, tempfile.TemporaryDirectory() as kept:
        wanted = frozenset(rules or tested)
        job = Job(ROOT, folder, parents, 1, Path(kept), wanted, shortens=False)
        grade_stage(job, STAGE, outcomes.append)
    return outcomes


def as_outcomes(costs: Costs) -> list[Outcome]:
    """What a right solution with these costs gives: outcomes of all tested rules."""
    right = [Outcome(one.id, Status.PASS, Fraction(1)) for one in STAGE.cell(Axis.CORRECTNESS)]
    return right + [
        Outcome(rule, Status.PASS, measured={"amount": cost, "least": 0.0})
        for rule, cost in costs.items()
    ]


@contextmanager
def solution(role: str) -> Iterator[Path]:
    """A folder that holds a solution."""
    if role == "reference":
        yield REFERENCE
        return
    with tempfile.TemporaryDirectory(prefix="stage4-") as folder:
        build_wheat(anchor_wheats(STAGE)[role], REFERENCE, Path(folder))
        yield Path(folder)


def main(roles: list[str]) -> None:
    """Measure them all, or those that are named."""
    found = dict(recorded()) if FILE.exists() else {}
    for role in roles or ROLES:
        costs = {one.rule: cost_of(one.measured) for one in graded(role, *measured_rules())}
        found[role] = {**found.get(role, {}), **costs}
    lines = [
        "# Written by `python -m tests.stages.attention.solutions`: amounts in the rules' units."
    ]
    for role in ROLES:
        costs = found.get(role, {})
        lines += ["", f"[{role}]", *(f'"{rule}" = {cost:.6g}' for rule, cost in costs.items())]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
