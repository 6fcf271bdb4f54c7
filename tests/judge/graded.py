"""A stage of a few tests, graded."""

from __future__ import annotations

from pathlib import Path

from autograder.scoring.outcome import Outcome, Status
from tests.judge.bench import (
    HEAD,
    LEDGER,
    local_session,
    make_stage,
    make_submission,
    outcomes_of,
    rule_of,
)

WRONG = LEDGER.replace("return sum(self._amounts)", "return sum(self._amounts) + 1")


def graded(
    folder: Path, tests: str, *rules: str, ledger: str = LEDGER, **fields: object
) -> dict[str, Outcome]:
    """Grade a submission by rules of one test file; `requires` by rule id."""
    requires = fields.pop("requires", {})
    assert isinstance(requires, dict) and not fields
    made = tuple(
        rule_of(one, module="ledger", requires=tuple(requires.get(one, ()))) for one in rules
    )
    stage = make_stage(folder, made, HEAD + tests)
    return dict(outcomes_of(local_session(stage, make_submission(folder.parent / "own", ledger))))


def statuses(outcomes: dict[str, Outcome]) -> dict[str, Status]:
    return {rule: outcome.status for rule, outcome in outcomes.items()}
