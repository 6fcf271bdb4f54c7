"""Kept outcomes come back whole or not at all."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.scoring import kept
from autograder.scoring.outcome import Cause, Outcome, Status

KEY = "0123abcd"
OUTCOMES = [
    Outcome("1.Q1", Status.PASS, Fraction(1)),
    Outcome("1.Q4", Status.FAIL, Fraction(5, 7), cause=Cause("few", "finding", notes=("a", "b"))),
]
RULES = ["1.Q1", "1.Q4"]


def test_outcomes_come_back_as_they_were_kept(tmp_path: Path) -> None:
    kept.store(tmp_path / "new", KEY, OUTCOMES)
    assert kept.load(tmp_path / "new", KEY, RULES) == OUTCOMES
    assert [path.name for path in (tmp_path / "new").iterdir()] == [f"{KEY}.json"]


def test_what_was_not_kept_is_not_there(tmp_path: Path) -> None:
    kept.store(tmp_path, KEY, OUTCOMES)
    assert kept.load(tmp_path, "other", RULES) is None
    assert kept.load(tmp_path / "nowhere", KEY, RULES) is None


@pytest.mark.parametrize("rules", [[], ["1.Q1"], ["1.Q4", "1.Q1"], ["1.Q1", "1.Q4", "1.D1"]])
def test_outcomes_of_other_rules_are_not_taken(tmp_path: Path, rules: list[str]) -> None:
    kept.store(tmp_path, KEY, OUTCOMES)
    assert kept.load(tmp_path, KEY, rules) is None


def entry() -> list[dict[str, object]]:
    outcome = {
        **{"rule": "1.Q1", "status": "pass", "share": [1, 1], "binding": "isolated"},
        **{"cause": None, "seconds": 0.0, "measured": {}},
    }
    return [outcome]


DAMAGE: dict[str, object] = {
    "status": "won",
    "share": [1, 0],
    "binding": "alone",
    "cause": {"summary": "x"},
    "rule": None,
}


@pytest.mark.parametrize("field", DAMAGE)
def test_a_damaged_entry_is_as_good_as_none(tmp_path: Path, field: str) -> None:
    file = tmp_path / f"{KEY}.json"
    file.write_text(json.dumps(entry()), encoding="utf-8")
    assert kept.load(tmp_path, KEY, ["1.Q1"]) is not None
    for damaged in ({**entry()[0], field: DAMAGE[field]}, _without(entry()[0], field)):
        file.write_text(json.dumps([damaged]), encoding="utf-8")
        assert kept.load(tmp_path, KEY, ["1.Q1"]) is None


def _without(outcome: dict[str, object], field: str) -> dict[str, object]:
    return {key: value for key, value in outcome.items() if key != field}


@pytest.mark.parametrize("text", ["", "[", "null", "{}", "7", '"pass"', "[null]", "[[]]", "\x00"])
def test_a_file_that_was_cut_or_overwritten_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{KEY}.json").write_text(text, encoding="utf-8")
    assert kept.load(tmp_path, KEY, ["1.Q1"]) is None
    kept.store(tmp_path, KEY, OUTCOMES)
    assert kept.load(tmp_path, KEY, RULES) == OUTCOMES


def test_bytes_that_are_no_text_are_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / f"{KEY}.json").write_bytes(b"\xff\xfe")
    assert kept.load(tmp_path, KEY, ["1.Q1"]) is None


def test_where_nothing_can_be_kept_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    kept.store(tmp_path / "file", KEY, OUTCOMES)
    assert kept.load(tmp_path / "file", KEY, RULES) is None


def test_a_digest_tells_contents_and_their_borders_apart() -> None:
    digests = {
        kept.digest_of(parts)
        for parts in ([], [""], ["ab"], ["a", "b"], ["a", "b", ""], ["b", "a"], ["ab", ""])
    }
    assert len(digests) == 7
    assert kept.digest_of(["é", b"x"]) == kept.digest_of(["é".encode(), "x"])
