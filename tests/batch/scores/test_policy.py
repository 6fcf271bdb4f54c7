"""Lateness, extensions and dropped rules are data, applied to recorded instants alone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder.batch.scores.lateness import lateness
from autograder.batch.scores.policy import Extension, Policy, PolicyError
from autograder.batch.scores.policy_file import read_policy

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
        "penalty_per_day = nan",
        "penalty_per_day = inf",
        'zone = "Atlantis"',
        'zone = "../../etc/passwd"',
        "late_days_used = { ada = true }",
        '[[excused]]\nstudent = "a"\nby = "b"\n',
        "due = 2026-11-01T23:59:00Z\n[[extensions]]\nstudent = 'a'\ndue = 2025-11-08T23:59:00Z\n"
        "by = 'M'\nreason = 'the wrong year'\n",
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


@pytest.mark.parametrize("what", ["extensions", "excused", "dropped"])
def test_what_is_said_twice_is_refused(what: str, tmp_path: Path) -> None:
    one = f"[[{what}]]\nstudent = 'a'\nrule = '1.1'\ncredit = 'nobody'\nby = 'M'\nreason = 'r'\n"
    one += "due = 2026-11-08T23:59:00Z\n"
    policy(tmp_path, one)
    with pytest.raises(PolicyError, match="stands twice"):
        policy(tmp_path, one + one)


NEW_YORK = ZoneInfo("America/New_York")
BEFORE_AUTUMN = datetime.fromisoformat("2026-10-31T23:59:00-04:00")
BEFORE_SPRING = datetime.fromisoformat("2027-03-13T23:59:00-05:00")


@pytest.mark.parametrize(
    ("due", "at", "zone", "days"),
    [
        # The clocks go back on November 1: the next day's 23:59 is 25 hours away.
        (BEFORE_AUTUMN, "2026-11-01T23:59:00-05:00", NEW_YORK, 1),
        (BEFORE_AUTUMN, "2026-11-01T23:59:01-05:00", NEW_YORK, 2),
        (BEFORE_AUTUMN, "2026-11-01T23:59:00-05:00", None, 2),
        (BEFORE_AUTUMN, "2026-11-05T23:59:00-05:00", NEW_YORK, 5),
        # They go forward on March 14: it is 23 hours away.
        (BEFORE_SPRING, "2027-03-14T23:59:00-04:00", NEW_YORK, 1),
        (BEFORE_SPRING, "2027-03-14T23:59:01-04:00", NEW_YORK, 2),
        (BEFORE_SPRING, "2027-03-14T23:59:01-04:00", None, 1),
        (BEFORE_SPRING, "2027-03-14T00:00:00-05:00", NEW_YORK, 1),
        # Whatever offset the due date and the instant are written in.
        (BEFORE_AUTUMN.astimezone(UTC), "2026-11-02T04:59:00+00:00", NEW_YORK, 1),
        (BEFORE_AUTUMN, "2026-11-02T10:29:00+05:30", NEW_YORK, 1),
    ],
)
def test_days_of_a_zone_end_at_the_same_time_on_its_clocks(
    due: datetime, at: str, zone: ZoneInfo | None, days: int
) -> None:
    assert lateness("x", at, None, Policy(due=due, zone=zone)).days == days


def test_late_days_are_counted_from_an_extensions_end_and_are_still_free() -> None:
    extensions = {"ada": Extension(datetime.fromisoformat("2026-11-08T23:59:00-05:00"), "M", "ill")}
    one = Policy(due=DUE, late_days=2, extensions=extensions, penalty_per_day=Decimal(10))
    late = lateness("ada", "2026-11-11T12:00:00-05:00", None, one)
    assert (late.days, late.free) == (3, 2)
    assert late.penalty(Decimal("33.35"), one) == Decimal("3.34"), "half a hundredth is one"


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
