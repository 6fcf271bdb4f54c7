"""Claims are held against what the submission does; examples must run."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.judge.documentation import MAX_BYTES, grade_claims, grade_examples, read_claims
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.local import LocalSession
from autograder.judge.stage_package import import_stage
from autograder.rubric.model import Axis
from autograder.scoring.outcome import Outcome, Status
from autograder.worker import examples
from tests.judge.bench import LEDGER, local_session, make_stage, make_submission, rule_of

assert examples, "workers call it by name, and have it loaded"
RULES = (
    rule_of("90.P1", Axis.PERFORMANCE, case="total"),
    rule_of("90.D1", Axis.DOCUMENTATION, check="claims", requires=("90.P1",)),
    rule_of("90.D2", Axis.DOCUMENTATION, check="examples"),
)
COSTS = {"steps_small": 10.0, "steps_large": 20.0, "seconds_small": 1.0, "seconds_large": 1.0}
MEASURED = {"90.P1": Outcome("90.P1", Status.PASS, measured=COSTS)}
RIGHT = '[stage90]\nempty = "0"\ngrowth = "2"\n'

Make = Callable[..., LocalSession]


@pytest.fixture
def make(folder: Path) -> Make:
    """Makes a session for a submission; its folder is that of `own`."""

    def session(design: str | bytes | None = RIGHT, ledger: str = LEDGER) -> LocalSession:
        stage = make_stage(folder, RULES)
        own = make_submission(folder.parent / "own", ledger)
        if design is not None:
            text = design.encode() if isinstance(design, str) else design
            (own / "design.toml").write_bytes(text)
        import_stage(stage)
        return local_session(stage, own)

    return session


def claimed(session: LocalSession, outcomes: dict[str, Outcome] = MEASURED) -> Outcome:
    return grade_claims(session, "90.D1", session._submission, outcomes)


def test_claims_that_all_hold_earn_everything(make: Make) -> None:
    assert claimed(make()) == Outcome("90.D1", Status.PASS, Fraction(1))


def test_each_claim_that_holds_earns_its_part(make: Make) -> None:
    outcome = claimed(make('[stage90]\nempty = "7"\ngrowth = "2"\n'))
    assert (outcome.status, outcome.share) == (Status.FAIL, Fraction(1, 2))
    assert outcome.cause is not None
    assert outcome.cause.summary == "1 of 2 claims in design.toml hold"
    assert outcome.cause.notes == ("empty: 7 does not hold",)


def test_what_is_not_claimed_is_told(make: Make) -> None:
    outcome = claimed(make('[stage90]\ngrowth = "2"\n'))
    assert outcome.cause is not None
    assert outcome.cause.notes == ("empty: you claim nothing",)


@pytest.mark.parametrize("design", [None, "", "[stage1]\na = 1\n", "stage90 = 3\n", "[stage90]\n"])
def test_without_claims_nothing_is_attempted(make: Make, design: str | None) -> None:
    outcome = claimed(make(design))
    assert (outcome.status, outcome.share) == (Status.NOT_ATTEMPTED, 0)


@pytest.mark.parametrize(
    "design",
    [
        "[stage90\n",
        b'[stage90]\na = "\xff"\n',
        "a = " + "[" * 30_000,
        "a = " + "9" * 5000,
        "[stage90]\n" + "#" * MAX_BYTES,
    ],
    ids=["syntax", "encoding", "depth", "number", "size"],
)
def test_a_file_that_cannot_be_read_is_the_students_to_mend(
    make: Make, design: str | bytes
) -> None:
    outcome = claimed(make(design))
    assert (outcome.status, outcome.share) == (Status.FAIL, 0)
    assert outcome.cause is not None and outcome.cause.summary.startswith("design.toml is ")


def test_a_link_holds_no_claims(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "design.toml").symlink_to(tmp_path / "real.toml")
    assert read_claims(tmp_path / "real.toml", "stage90") == {"empty": "0", "growth": "2"}
    assert read_claims(tmp_path / "design.toml", "stage90") == {}


def test_a_cost_that_was_not_measured_supports_no_claim(make: Make) -> None:
    failed = {"90.P1": Outcome("90.P1", Status.FAIL)}
    assert claimed(make(), failed).share == Fraction(1, 2)


@pytest.mark.parametrize("outcomes", [{}, {"90.P1": Outcome("90.P1", Status.ERROR)}])
def test_evidence_that_the_grader_failed_to_get_leaves_the_claims_undecided(
    make: Make, outcomes: dict[str, Outcome]
) -> None:
    outcome = claimed(make(), outcomes)
    assert outcome.status is Status.ERROR
    assert outcome.cause is not None and outcome.cause.kind == "grader"


def test_a_submission_that_cannot_be_observed_supports_no_claim(make: Make) -> None:
    session = make()

    def ended() -> Any:
        raise WorkerEnded("crash", "gone")

    session.new_worker = ended  # type: ignore[method-assign]
    assert claimed(session).share == Fraction(1, 2)


def test_a_fault_of_the_grader_is_let_through(make: Make) -> None:
    session = make()

    def fault() -> Any:
        raise GraderFault("no worker to be had")

    session.new_worker = fault  # type: ignore[method-assign]
    with pytest.raises(GraderFault):
        claimed(session)
    with pytest.raises(GraderFault):
        grade_examples(session, "90.D2")


# ---- examples ------------------------------------------------------------------------------------


def test_examples_that_hold_pass(make: Make) -> None:
    assert grade_examples(make(), "90.D2") == Outcome("90.D2", Status.PASS, Fraction(1))


def test_a_wrong_example_fails_and_is_named(make: Make) -> None:
    outcome = grade_examples(make(ledger=LEDGER.replace("[3]", "[4]")), "90.D2")
    assert outcome.status is Status.FAIL
    assert outcome.cause is not None
    assert outcome.cause.notes == ("ledger.Ledger.put: the example shows something else",)


def test_at_least_one_example_is_wanted(make: Make) -> None:
    outcome = grade_examples(make(ledger=LEDGER.replace(">>>", "...")), "90.D2")
    assert outcome.status is Status.FAIL
    assert outcome.cause is not None and "no docstring" in outcome.cause.summary


def test_modules_that_cannot_be_imported_are_left_out(make: Make) -> None:
    session = make()
    (session._submission / "pagedlab" / "book.py").write_text("1 / 0\n", encoding="utf-8")
    assert grade_examples(session, "90.D2").status is Status.PASS


REPLIES: list[Any] = [
    None,
    [],
    "passed",
    {},
    {"tried": 3},
    {"tried": "many", "failed": []},
    {"tried": 3, "failed": 0},
    {"tried": None, "failed": []},
    WorkerEnded("timeout", "still running"),
    RequestFailed("SystemExit", "", ""),
]


@pytest.mark.parametrize("answer", REPLIES, ids=range(len(REPLIES)))
def test_examples_that_do_not_come_to_an_end_fail(make: Make, answer: Any) -> None:
    session = make()
    closed: list[int] = []

    class Odd:
        def request(self, *_: object) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        def close(self) -> int:
            closed.append(1)
            return 0

    session.new_worker = Odd  # type: ignore[method-assign, assignment]
    outcome = grade_examples(session, "90.D2")
    assert outcome.status is Status.FAIL
    assert outcome.cause is not None and "did not run to their end" in outcome.cause.summary
    assert closed == [1]
