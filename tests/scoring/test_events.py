"""The log is the truth: what is read back is what was written, less a line that was cut off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.scoring.events import (
    EventLog,
    LogError,
    outcome_from_json,
    outcome_to_json,
    read_log,
)
from autograder.scoring.outcome import Binding, Cause, Outcome, Status
from autograder.scoring.score import score_run
from tests.scoring.bench import FLAT, HEADER, STANDARD, all_pass, course, fault, outcome, stage

CAUSE = Cause(
    summary="a block handed out was in nobody's hands",
    kind="violation",
    invariant="I2",
    program=("pool = BlockPool(num_blocks=2)", "a = pool.get_new_blocks(1)"),
    failing_line=1,
    expected="é ≤ 3",
    observed="\u2028 and \ud800",
    place="pagedlab/block_pool.py:12, get_new_blocks",
    notes=("before free 1", "after free 1"),
)
FAILED = Outcome("1.2", Status.FAIL, Fraction(1, 3), Binding.INTEGRATED, CAUSE, 0.25, FLAT)

texts = st.text('a é"\\\n\u2028\ud800\U0001f600', max_size=12)
causes = st.builds(
    Cause,
    texts,
    st.sampled_from(["violation", "crash", "grader"]),
    texts,
    st.lists(texts, max_size=3).map(tuple),
    st.integers(-1, 5),
    texts,
    texts,
    texts,
    st.lists(texts, max_size=3).map(tuple),
)
outcomes = st.builds(
    Outcome,
    texts,
    st.sampled_from(Status),
    st.fractions(0, 1),
    st.sampled_from(Binding),
    st.none() | causes,
    st.floats(0, 100),
    st.dictionaries(texts, st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    st.lists(texts, max_size=3).map(tuple),
)


def write(file: Path, *written: Outcome) -> Path:
    log = EventLog(file, HEADER)
    for one in written:
        log.add(one)
    log.close()
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run" / "events.jsonl"


@settings(derandomize=True, deadline=None, max_examples=60)
@given(outcomes)
def test_an_outcome_is_read_as_it_was_written(written: Outcome) -> None:
    assert outcome_from_json(json.loads(json.dumps(outcome_to_json(written)))) == written


def test_an_outcome_of_a_log_without_notes_has_none() -> None:
    older = {key: value for key, value in outcome_to_json(FAILED).items() if key != "notes"}
    assert outcome_from_json(json.loads(json.dumps(older))) == FAILED


def test_a_log_is_read_as_it_was_written(file: Path) -> None:
    passed = Outcome("1.1", Status.PASS, Fraction(1))
    assert read_log(write(file, passed, FAILED)) == (HEADER, (passed, FAILED))


def test_a_log_without_outcomes_has_a_header(file: Path) -> None:
    assert read_log(write(file)) == (HEADER, ())


def test_a_log_is_lines_of_ascii(file: Path) -> None:
    lines = write(file, FAILED, FAILED).read_bytes().splitlines()
    assert len(lines) == 3
    assert all(line.isascii() and isinstance(json.loads(line), dict) for line in lines)


def test_every_event_is_on_disk_at_once(file: Path) -> None:
    log = EventLog(file, HEADER)
    assert read_log(file) == (HEADER, ())
    log.add(FAILED)
    assert read_log(file) == (HEADER, (FAILED,))
    log.close()


def test_a_new_log_replaces_that_of_the_run_before(file: Path) -> None:
    write(file, FAILED)
    assert read_log(write(file)) == (HEADER, ())


def test_a_line_that_was_cut_off_is_dropped_wherever_it_was_cut(file: Path) -> None:
    whole = write(file, outcome("1.1"), FAILED).read_bytes()
    start = whole.rstrip(b"\n").rindex(b"\n") + 1
    for end in range(start, len(whole) - 1, 7):
        file.write_bytes(whole[:end])
        assert read_log(file) == (HEADER, (outcome("1.1"),))


def test_a_cut_off_line_in_the_middle_costs_that_line_alone(file: Path) -> None:
    lines = write(file, outcome("1.1"), FAILED).read_text("utf-8").splitlines()
    file.write_text("\n".join((lines[0], lines[1][:40], lines[2], "")), encoding="utf-8")
    assert read_log(file)[1] == (FAILED,)


def test_a_later_outcome_replaces_an_earlier_one_of_the_same_binding(file: Path) -> None:
    other = replace(FAILED, binding=Binding.ISOLATED)
    later = replace(FAILED, share=Fraction(1), status=Status.PASS)
    assert read_log(write(file, FAILED, other, later))[1] == (later, other)


EDITS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another schema": lambda head: head.update(schema="pagedlab.events/2"),
    "no schema": lambda head: head.pop("schema"),
    "a field too few": lambda head: head.pop("seed"),
    "a field too many": lambda head: head.update(points=100),
    "no stages": lambda head: head.pop("stages"),
    "stages that are none": lambda head: head.update(stages=None),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_header_that_does_not_fit_is_refused(file: Path, name: str) -> None:
    lines = write(file, FAILED).read_text("utf-8").splitlines()
    head = json.loads(lines[0])
    EDITS[name](head)
    file.write_text("\n".join((json.dumps(head), *lines[1:])), encoding="utf-8")
    with pytest.raises(LogError, match=r"events\.jsonl"):
        read_log(file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"points: 100\n",
        b"[]\n",
        b"3\n",
        b"null\n",
        b"\xff\xfe\x00",
        b'{"event":"rule"}',
    ],
    ids=range(8),
)
def test_a_file_that_is_no_log_is_refused(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(LogError):
        read_log(file)


@pytest.mark.parametrize("line", ['{"a": 1}', "[1]", '{"event": "rule"}', '"rule"', "7"])
def test_a_whole_line_that_is_no_event_is_refused(file: Path, line: str) -> None:
    with write(file, FAILED).open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    with pytest.raises(LogError):
        read_log(file)


@pytest.mark.parametrize(
    "change", [{"status": "won"}, {"share": [1, 0]}, {"share": 1}, {"binding": ""}, {"cause": {}}]
)
def test_an_outcome_that_cannot_be_is_refused(file: Path, change: dict[str, Any]) -> None:
    lines = write(file, FAILED).read_text("utf-8").splitlines()
    event = {**json.loads(lines[1]), **change}
    file.write_text("\n".join((lines[0], json.dumps(event))), encoding="utf-8")
    with pytest.raises(LogError):
        read_log(file)


def test_a_missing_log_is_refused_by_name(file: Path) -> None:
    with pytest.raises(LogError, match=r"events\.jsonl"):
        read_log(file)
    with pytest.raises(LogError):
        read_log(file.parent.parent)


def test_rescoring_needs_nothing_but_the_log(file: Path) -> None:
    made = stage(STANDARD)
    run = [*all_pass(made), outcome("1.1", 0), fault("1.P1")]
    _, read = read_log(write(file, *run))
    assert score_run(course(made), (1,), read) == score_run(course(made), (1,), run)
    heavier = replace(
        made, rules=tuple(replace(one, weight=1) for one in made.rules), cells={**made.cells}
    )
    before, after = (score_run(course(one), (1,), read)[0] for one in (made, heavier))
    assert (before.cells[0].score, after.cells[0].score) == (Fraction("6.3"), Fraction("5.25"))
    assert before.cells[1].undecided != after.cells[1].undecided
