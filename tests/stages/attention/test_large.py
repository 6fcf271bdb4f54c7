"""Batches of a server's size: what a worker says of them is read without trust, and judged."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import pytest

from autograder.judge.rules import RuleFailed
from autograder.paged_batch.draw import draw
from autograder.paged_batch.exact import attention
from autograder.paged_batch.served import (
    LONGEST,
    MULTIPROCESSORS,
    SERVED,
    busiest_share,
    mixed,
)
from autograder.paged_batch.spec import BatchSpec
from autograder.scoring.outcome import Cause, Status
from kernel_lanes.record import ArrayTraffic, BadRecord, LaunchRecord, Record
from tests.stages.attention.bench import STAGE

large = importlib.import_module("stage4.large")
operations = importlib.import_module("stage4.operations")
SPEC = BatchSpec((40, 17), (1, 3), dtype="float16")
LAUNCH = LaunchRecord("k", (2, 1, 1), {"key_cache": ArrayTraffic(load_bytes=100)}, 0, 60)


def reply(**changes: Any) -> dict[str, Any]:
    """What a worker says of a call that is right."""
    numbers = attention(SPEC, draw(SPEC))
    right = importlib.import_module("torch").tensor(numbers).half()
    text = importlib.import_module("autograder.paged_batch.tensors_as_bytes").to_text(right)
    record = Record((LAUNCH,), None, {}).plain()
    honest = {"result": text, "untranslated": "", "refused": "", "torch": [], "record": record}
    return {**honest, **changes}


def finding(**changes: Any) -> Any:
    return large.wrong(SPEC, large.read(reply(**changes)))


def test_a_right_call_is_right() -> None:
    assert finding() is None


@pytest.mark.parametrize(
    ("changes", "invariant"),
    [
        ({"result": None}, ""),
        ({"result": 7}, ""),
        ({"torch": ["matmul"]}, "I11"),
        ({"refused": "attention.py:3: no"}, "I16"),
        ({"record": Record((), None, {}).plain()}, "I11"),
    ],
)
def test_what_is_wrong_is_told_by_its_invariant(changes: dict[str, Any], invariant: str) -> None:
    found = finding(**changes)
    assert found is not None and found.violation.invariant == invariant


@pytest.mark.parametrize(
    "data",
    [None, [], {}, 7, "text", reply(record=None), reply(record={"launches": 7}), reply(refused=7)]
    + [reply(untranslated=None), {**reply(), "more": 1}],
)
def test_what_is_no_reply_is_refused(data: Any) -> None:
    with pytest.raises(BadRecord):
        large.read(data)


def test_the_busiest_multiprocessor_has_the_largest_program_or_the_mean() -> None:
    even = 8 * MULTIPROCESSORS
    spec = BatchSpec((even,), (1,), num_heads=1, head_size=1, dtype="float16")  # 4 bytes a key

    def share(total: int, most: int) -> float:
        launch = LaunchRecord("k", (9, 1, 1), {"k": ArrayTraffic(load_bytes=total)}, 0, most)
        return busiest_share(spec, Record((launch,), None, {}))

    assert share(4 * even, 32) == 1.0
    assert share(4 * even, 320) == 10.0
    assert share(8 * even, 32) == 2.0
    two = Record((LAUNCH, LAUNCH), None, {})
    assert busiest_share(spec, two) == pytest.approx(
        2 * busiest_share(spec, Record((LAUNCH,), None, {})), abs=0.001
    )


def test_the_batches_are_those_that_no_interpreter_reaches() -> None:
    many = SERVED["decode"]
    assert len(many.seq_lens) == 64 and min(many.seq_lens) > 2000 and max(many.seq_lens) > 8000
    assert SERVED["longest"].seq_lens == (LONGEST,) and LONGEST > 1 << 15
    assert sum(mixed(5).seq_lens) <= 60_000 and mixed(5) == mixed(5) != mixed(6)
    assert BatchSpec.from_json(many.changed()) == many


def test_a_batch_that_cannot_be_pasted_is_shown_by_its_beginning() -> None:
    language = importlib.import_module("stage4.language")
    text = language.to_python(operations.as_c(SERVED["decode"]))
    assert "seq_lens=[8190, 2001, 2038, 2075, ... 64 in all]" in text and "run as C" in text
    short = language.to_python(operations.as_c(SERVED["longest"]))
    assert "seq_lens=[33000]" in short


class Judging:
    """Stands for the judge: the interpreter's verdict on the smaller batches is given."""

    def __init__(self, verdict: Status | None) -> None:
        self.verdict, self.checked, self.notes = verdict, 0, list[str]()

    def check(self, *ops: Any) -> None:
        self.checked += 1
        if self.verdict:
            raise RuleFailed(self.verdict, Cause("so it is", "violation"))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def cannot(self, why: str) -> None:
        raise RuleFailed(Status.SKIPPED, Cause(why, "lane"))


@pytest.fixture(scope="module")
def smaller() -> Any:
    spec = importlib.util.spec_from_file_location(
        "stage4_public_large", STAGE.folder / "public" / "test_large.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.smaller


def test_kernels_without_a_translation_are_judged_by_smaller_batches(smaller: Any) -> None:
    judge = Judging(None)
    smaller(judge, "tt.fp_to_fp")
    assert judge.checked == len(large.SMALLER) and "tt.fp_to_fp" in judge.notes[0]


def test_they_fail_where_those_are_wrong_so_that_nobody_hides_there(smaller: Any) -> None:
    with pytest.raises(RuleFailed) as failed:
        smaller(Judging(Status.FAIL), "inline assembly")
    assert failed.value.status is Status.FAIL


def test_they_are_left_undecided_where_the_interpreter_takes_too_long(smaller: Any) -> None:
    with pytest.raises(RuleFailed) as failed:
        smaller(Judging(Status.TIMEOUT), "inline assembly")
    assert failed.value.status is Status.SKIPPED
