"""The parts of the documentation axis that need the submission to run: claims and examples."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.judge.claim import Claim
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.session import Session
from autograder.program.model import Observation, Program
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.scoring.performance import cost_of

MAX_BYTES = 1 << 16
EXAMPLES = "autograder.worker.examples"


Observe = Callable[[Program], list[Observation]]


def grade_claims(
    session: Session, rule: str, submission: Path, outcomes: Mapping[str, Outcome]
) -> Outcome:
    """Hold the claims of design.toml against the submission's own behaviour.

    Args:
        session: the stage's session.
        rule: id of the rule that is decided.
        submission: directory that may hold design.toml.
        outcomes: the stage's outcomes so far; measured costs are claims' evidence.
    """
    stage = session.stage
    undecided = [one for one in stage.rule(rule).requires if not _decided(outcomes.get(one))]
    if undecided:
        cause = Cause(f"waits for rule {undecided[0]}, undecided", "grader")
        return Outcome(rule, Status.ERROR, cause=cause)
    try:
        claims = read_claims(submission / "design.toml", f"stage{stage.id}")
    except ValueError as error:
        return Outcome(rule, Status.FAIL, cause=Cause(str(error), "finding"))
    if not claims:
        text = f"design.toml claims nothing under [stage{stage.id}]"
        return Outcome(rule, Status.NOT_ATTEMPTED, cause=Cause(text, "not_attempted"))
    module = importlib.import_module(f"stage{stage.id}.claims")
    checked: list[Claim] = module.check_claims(claims, _observer(session), _costs(stage, outcomes))
    right = sum(claim.holds for claim in checked)
    share = Fraction(right, len(checked))
    if right == len(checked):
        return Outcome(rule, Status.PASS, share)
    notes = tuple(claim.told() for claim in checked if not claim.holds)
    text = f"{right} of {len(checked)} claims in design.toml hold"
    return Outcome(rule, Status.FAIL, share, cause=Cause(text, "finding", notes=notes))


def grade_examples(session: Session, rule: str) -> Outcome:
    """Run the examples in the docstrings; at least one is wanted, and all must hold."""
    modules = [Path(name).stem for name in session.stage.modules]
    usable = [name for name in modules if name not in session.import_failures]
    inner: Json = {"stage_dir": str(session.staged.folder), "modules": usable}
    try:
        call: dict[str, Json] = {"module": EXAMPLES, "function": "run", "args": inner}
        with closing(session.new_worker()) as worker:
            reply: Any = worker.request("call", call, session.budget)
        tried, failed = int(reply["tried"]), [str(name) for name in reply["failed"]]
    except (WorkerEnded, RequestFailed, TypeError, KeyError, ValueError) as error:
        cause = Cause(f"the examples did not run to their end: {error}", "crash")
        return Outcome(rule, Status.FAIL, cause=cause)
    if not tried:
        return Outcome(rule, Status.FAIL, cause=Cause("no docstring has an example", "finding"))
    if failed:
        notes = tuple(f"{name}: the example shows something else" for name in failed[:20])
        cause = Cause(f"{len(failed)} docstrings have a wrong example", "finding", notes=notes)
        return Outcome(rule, Status.FAIL, cause=cause)
    return Outcome(rule, Status.PASS, Fraction(1))


def read_claims(file: Path, table: str) -> Mapping[str, Any]:
    """One table of design.toml; empty if the file or the table is missing.

    Raises:
        ValueError: the file cannot be used; one line that says why.
    """
    if file.is_symlink() or not file.is_file():
        return {}
    if file.stat().st_size > MAX_BYTES:
        raise ValueError(f"design.toml is over {MAX_BYTES >> 10} KB")
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"design.toml is not TOML: {error}") from None
    claims = data.get(table, {})
    return claims if isinstance(claims, dict) else {}


def _decided(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status is not Status.ERROR


def _observer(session: Session) -> Observe:
    def run(program: Program) -> list[Observation]:
        try:
            with closing(session.new_worker()) as worker:
                return observe(worker, program, session.budget)
        except (WorkerEnded, RequestFailed):
            return []

    return run


def _costs(stage: Stage, outcomes: Mapping[str, Outcome]) -> Mapping[str, float]:
    """Measured cost by case, for the performance rules that were measured."""
    return {
        rule.case: cost_of(outcomes[rule.id].measured)
        for rule in stage.rules
        if rule.case and rule.id in outcomes and outcomes[rule.id].measured
    }
