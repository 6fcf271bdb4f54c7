"""Lateness, extensions and dropped rules are data, applied to recorded instants alone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from autograder.batch.scores.lateness import lateness
from autograder.batch.scores.policy import Policy, PolicyError, read_policy

DUE = datetime.fromisoformat("2026-11-01T23:59:00-05:00")
TEXT = """
due = 2026-11-01T23:59:00-05:00
grace_minutes = 15
late_days = 3
penalty_per_day = 10
last_day = 5
missing = "zero"
unknown_instant = "on_time"

[late_days_used]
ada = 2

[submitted]
alan = 2026-11-02T10:00:00Z

[[extensions]]
student = "grace"
due = 2026-11-08T23:59:00-05:00
by = "Mara"
reason = "ill"

[[dropped]]
rule = "2.7"
credit = "everyone"
by = "Mara"
reason = "the handout contradicts the test"
"""


def policy(tmp_path: Path, text: str = TEXT) -> Policy:
    (tmp_path / "policy.toml").write_text(text)
    return read_policy(tmp_path / "policy.toml")


def test_a_policy_is_read_as_it_is_written(tmp_path: Path) -> None:
    one = policy(tmp_path)
    assert one.due == DUE and one.penalty_per_day == 10 and one.missing_is_zero
    assert one.extensions["grace"].by == "Mara" and one.dropped[0].everyone
    assert read_policy(tmp_path / "nothing.toml") == Policy()


@pytest.mark.parametrize(
    "text",
    [
        "du = 1",
        "due = 2026-11-01T23:59:00",
        "late_days = -1",
        "penalty_per_day = 101",
        "late_days = true",
        'missing = "maybe"',
        '[[extensions]]\nstudent = "a"\ndue = 2026-11-01T23:59:00Z\n',
        '[[dropped]]\nrule = "1.1"\ncredit = "some"\nby = "a"\nreason = "b"\n',
        "not toml",
    ],
)
def test_a_policy_that_says_something_unknown_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="policy.toml"):
        policy(tmp_path, text)


@pytest.mark.parametrize(
    ("at", "days"),
    [
        ("2026-11-01T23:59:00-05:00", 0),
        ("2026-11-02T04:59:00+00:00", 0),
        ("2026-11-02T00:14:00-05:00", 0),
        ("2026-11-02T00:14:01-05:00", 1),
        ("2026-11-02T23:59:00-05:00", 1),
        ("2026-11-02T23:59:01-05:00", 2),
    ],
)
def test_a_begun_day_is_a_day_and_grace_is_not_late(at: str, days: int) -> None:
    assert lateness("x", at, None, Policy(due=DUE, grace_minutes=15)).days == days


def test_late_days_that_are_left_are_free_and_the_rest_costs() -> None:
    one = Policy(due=DUE, late_days=3, late_days_used={"ada": 2}, penalty_per_day=Decimal(10))
    late = lateness("ada", "2026-11-04T00:00:00-05:00", None, one)
    assert (late.days, late.free) == (3, 1)
    assert late.penalty(Decimal("83.33"), one) == Decimal("16.67")
    assert lateness("new", "2026-11-04T00:00:00-05:00", None, one).free == 3


def test_after_the_last_day_nothing_counts_and_no_late_day_is_used() -> None:
    one = Policy(due=DUE, late_days=9, last_day=2)
    late = lateness("ada", "2026-11-04T00:00:00-05:00", None, one)
    assert late.too_late and late.free == 0 and late.penalty(Decimal(80), one) == 80


def test_an_extension_moves_one_students_date(tmp_path: Path) -> None:
    one = policy(tmp_path)
    assert lateness("grace", "2026-11-08T23:00:00-05:00", None, one).days == 0
    assert lateness("other", "2026-11-08T23:00:00-05:00", None, one).days == 7


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-01T10:00:00"])
def test_an_instant_that_is_not_recorded_is_asked_for(at: str) -> None:
    assert lateness("x", at, None, Policy(due=DUE)).unknown
    assert lateness("x", at, False, Policy(due=DUE, unknown_is_on_time=True)) == (
        lateness("x", "2026-11-01T00:00:00Z", None, Policy(due=DUE))
    )
    assert "late" in lateness("x", at, True, Policy(due=DUE, unknown_is_on_time=True)).unknown


def test_an_instructor_can_say_when_it_was(tmp_path: Path) -> None:
    assert lateness("alan", "", True, policy(tmp_path)).days == 1


def test_without_a_due_date_nothing_is_late() -> None:
    assert lateness("x", "", True, Policy()) == lateness(
        "x", "2030-01-01T00:00:00Z", None, Policy()
    )
