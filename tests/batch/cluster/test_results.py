"""A result takes its log's place whole, once, and only if the log is what it began from."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.batch.cluster.results import begin_part, publish


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    log = tmp_path / "name.jsonl"
    log.write_text("header\n")
    return log


def grade(log: Path, words: str) -> tuple[Path, bytes]:
    part, base = begin_part(log.parent, log)
    with part.open("a") as file:
        file.write(words)
    return part, base


def test_who_comes_second_has_worked_for_nothing(log: Path) -> None:
    first, second = grade(log, "one\n"), grade(log, "two\n")
    assert log.read_text() == "header\n", "nothing is there before all is"
    assert publish(second[0], log, second[1])
    assert not publish(first[0], log, first[1])
    assert log.read_text() == "header\ntwo\n"
    assert not list((log.parent / "parts").iterdir())


def test_a_result_of_a_grading_that_was_begun_anew_is_dropped(log: Path) -> None:
    old = grade(log, "old\n")
    log.write_text("header\nanew\n")
    assert not publish(old[0], log, old[1])
    assert log.read_text() == "header\nanew\n"
