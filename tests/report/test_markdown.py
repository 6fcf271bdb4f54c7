"""The summary of a hosted run: points, the first failure, and a student's words as text alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from autograder.report.markdown import fenced, summary
from autograder.scoring.outcome import Cause
from tests.report.bench import RUNS, VIOLATION, lost, make_run


@pytest.mark.parametrize("name", RUNS)
def test_every_run_has_a_summary_with_a_table_of_its_stages(name: str) -> None:
    run = RUNS[name]()
    text = summary(run)
    assert f"{run.score} of {run.visible} points" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == len(run.stages) + 1
    assert {row.count("|") for row in rows} == {7}
    assert ("Fix this first" in text) == (run.first is not None)


def test_points_that_are_open_or_graded_later_are_told() -> None:
    assert "undecided by a fault of the grader" in summary(RUNS["grader_fault"]())
    assert "are graded later by hidden tests" in summary(RUNS["at_home"]())


@pytest.mark.parametrize("evil", ["```\n# big", "`" * 20, "<img src=x>", "::error::x", "\x1b[2J"])
def test_no_text_of_a_submission_ends_its_block(evil: str) -> None:
    cause: Cause = replace(VIOLATION, observed=evil, place=evil, summary=evil)
    text = summary(make_run(lost("1.8", cause)))
    opened = re.search(r"^(`{3,})text$", text, re.MULTILINE)
    assert opened
    inside, _, after = text[opened.end() + 1 :].partition(f"\n{opened[1]}\n")
    assert opened[1] not in inside and "\x1b" not in text
    assert after.strip().startswith("suite")


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    assert fenced("a ```` b")[0] == "`````text"
    assert fenced("plain") == ["```text", "plain", "```"]
