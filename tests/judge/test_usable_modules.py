"""A module that cannot be used blocks its own rules, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.scoring.outcome import Status
from tests.judge.bench import local_session, make_stage, make_submission, outcomes_of
from tests.judge.graded import statuses


def test_an_import_error_blocks_the_rules_of_that_module_alone(folder: Path) -> None:
    stage = make_stage(folder)
    own = make_submission(folder.parent / "own", book="import nothing_like_this\n")
    outcomes = outcomes_of(local_session(stage, own))
    assert statuses(dict(outcomes)) == {
        "90.1": Status.PASS,
        "90.2": Status.PASS,
        "90.3": Status.BLOCKED,
    }
    cause = outcomes["90.3"].cause
    assert cause is not None and cause.kind == "import"
    assert "ModuleNotFoundError" in cause.summary and cause.place == "pagedlab/book.py:1, <module>"


@pytest.mark.parametrize(
    ("book", "says"),
    [
        ("def (:\n", "SyntaxError"),
        ("raise SystemExit(0)\n", "SystemExit"),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
        ("1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_however_an_import_fails_it_is_the_submissions(folder: Path, book: str, says: str) -> None:
    stage = make_stage(folder)
    own = make_submission(folder.parent / "own", book=book)
    outcome = outcomes_of(local_session(stage, own))["90.3"]
    assert outcome.status is Status.BLOCKED
    assert outcome.cause is not None and says in outcome.cause.summary


def test_a_missing_file_blocks_the_rules_of_that_module_alone(folder: Path) -> None:
    stage = make_stage(folder)
    own = make_submission(folder.parent / "own")
    (own / "pagedlab" / "book.py").unlink()
    outcomes = outcomes_of(local_session(stage, own))
    assert outcomes["90.1"].status is Status.PASS
    cause = outcomes["90.3"].cause
    assert outcomes["90.3"].status is Status.BLOCKED
    assert cause is not None and cause.kind == "missing" and "book.py" in cause.summary
