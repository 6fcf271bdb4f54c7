"""Whatever a worker replies or does, the judge ends with a value or with one clear reason."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, cast

import pytest

from autograder.judge import clock as clock_module
from autograder.judge.clock import Budget
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.warm_parent import WarmParent
from autograder.judge.worker import Worker
from autograder.program.model import Op
from autograder.protocol.frames import MAX_BUFFERS, MAX_JSON, pack
from autograder.protocol.plain import Json
from tests.judge.fake_parent import (
    AMPLE,
    BRIEF,
    HONEST,
    LIMITS,
    Answer,
    FakeParent,
    answered,
    reply,
    right,
)

# ---- replies -------------------------------------------------------------------------------------


def outcome(answer: Answer, budget: Budget = AMPLE) -> Json | Exception:
    """What comes of one request, the worker's end included."""
    worker, parent = answered(answer)
    try:
        return worker.request("run", {}, budget)
    except (WorkerEnded, RequestFailed) as error:
        return error
    finally:
        worker.close()
        assert len(parent.ended) == 1, "a worker is ended exactly once"


def test_the_right_reply_is_the_value() -> None:
    assert outcome(right) == [1, 2]


BAD_REPLIES: dict[str, Answer] = {
    "another id": lambda i: reply(id=i + 1, ok=True, value=1),
    "an id of before": lambda i: reply(id=0, ok=True, value=1),
    "no id": lambda i: reply(ok=True, value=1),
    "an extra field": lambda i: reply(id=i, ok=True, value=1, points=100),
    "no value": lambda i: reply(id=i, ok=True),
    "a list": lambda i: pack([i, True, 1]),
    "null": lambda i: pack(None),
    "ok that is no bool": lambda i: reply(id=i, ok=1, value=1),
    "ok that is a word": lambda i: reply(id=i, ok="true", value=1),
    "an error that is a text": lambda i: reply(id=i, ok=False, value="failed"),
    "an error that is a list": lambda i: reply(id=i, ok=False, value=["failed"]),
    "startup with a text": lambda i: reply(id=-1, ok=False, value="passed"),
    "no json": lambda i: struct.pack("<II", 4, 0) + b"pass",
    "not utf-8": lambda i: struct.pack("<II", 3, 0) + b'"\xff"',
    "infinity": lambda i: struct.pack("<II", 8, 0) + b"Infinity",
    "too deep": lambda i: struct.pack("<II", 2000, 0) + b"[" * 1000 + b"]" * 1000,
    "too much json": lambda i: struct.pack("<II", MAX_JSON + 1, 0) + b"x",
    "too many buffers": lambda i: struct.pack("<II", 2, MAX_BUFFERS + 1) + b"{}",
    "too large a buffer": lambda i: struct.pack("<IIQ", 2, 1, 1 << 62) + b"{}",
    "bytes of something else": lambda i: b"HTTP/1.1 200 OK\r\n\r\n" + b"pass" * 20,
}


@pytest.mark.parametrize("name", BAD_REPLIES)
def test_a_reply_against_the_protocol_ends_the_worker(name: str) -> None:
    found = outcome(BAD_REPLIES[name])
    assert isinstance(found, WorkerEnded)
    assert found.kind == "protocol"
    assert found.detail.startswith("your code broke the reply")


def test_an_error_is_told_in_short_texts() -> None:
    value: Json = {"error": "E" * 9000, "message": ["odd"], "place": "pagedlab/a.py:1"}
    found = outcome(lambda i: reply(id=i, ok=False, value=value))
    assert isinstance(found, RequestFailed)
    assert len(found.error) == 500 and found.place == "pagedlab/a.py:1"
    assert "odd" in str(found)


def test_an_error_without_texts_is_still_an_error() -> None:
    found = outcome(lambda i: reply(id=i, ok=False, value={}))
    assert isinstance(found, RequestFailed) and found.error == ""


def test_a_forged_failure_to_start_is_the_submissions() -> None:
    found = outcome(lambda i: reply(id=-1, ok=False, value={"startup": "no isolation"}))
    assert isinstance(found, RequestFailed)
    assert found.error == "startup"


def test_a_reply_that_comes_twice_spoils_the_next_request() -> None:
    worker, _ = answered(lambda i: right(i) * 2)
    assert worker.request("run", {}, AMPLE) == [1, 2]
    with pytest.raises(WorkerEnded) as ended:
        worker.request("run", {}, AMPLE)
    assert ended.value.kind == "protocol"


def test_silence_ends_when_the_wall_clock_says_so() -> None:
    found = outcome(lambda i: b"", BRIEF)
    assert isinstance(found, WorkerEnded)
    assert (found.kind, found.detail) == ("timeout", "no answer within 0.4 seconds")


def test_half_a_reply_is_no_reply() -> None:
    found = outcome(lambda i: right(i)[:-1], BRIEF)
    assert isinstance(found, WorkerEnded) and found.kind == "timeout"


def test_a_reply_in_drops_does_not_stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(float(n) for n in range(1000))
    monkeypatch.setattr(clock_module, "time", type("Clock", (), {"monotonic": lambda: next(times)}))
    found = outcome(
        lambda i: struct.pack("<II", 1 << 24, 0) + b" " * (1 << 24), Budget(9, 9, 1 << 40)
    )
    assert isinstance(found, WorkerEnded) and found.kind == "timeout"


def test_a_large_reply_arrives_whole() -> None:
    text = "x" * (3 << 20)
    assert outcome(lambda i: reply(id=i, ok=True, value=text)) == text


def test_a_large_request_is_sent_whole() -> None:
    sizes: list[int] = []

    def note(request_id: int) -> bytes:
        sizes.append(request_id)
        return right(request_id)

    worker, _ = answered(note)
    assert worker.request("run", {"ops": "x" * (3 << 20)}, AMPLE) == [1, 2]
    assert len(sizes) == 1
    worker.close()


def test_closing_twice_does_no_harm() -> None:
    worker, parent = answered(right)
    worker.close()
    worker.close()
    assert len(parent.ended) == 1


def test_a_worker_that_cannot_be_confined_is_a_fault_of_the_grader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parent = FakeParent(right)
    startup: Json = {"startup": "SandboxError: no namespaces"}
    monkeypatch.setattr(
        "tests.judge.fake_parent.right", lambda i: reply(id=-1, ok=False, value=startup)
    )
    worker = Worker(cast(WarmParent, parent), Path("/"), LIMITS)
    with pytest.raises(GraderFault, match="no namespaces"):
        worker.request("run", {}, AMPLE)
    assert len(parent.ended) == 1


# ---- observations --------------------------------------------------------------------------------

OPS = (Op("one"), Op("two"))


def observed(value: Json) -> list[Any]:
    worker, parent = answered(lambda i: reply(id=i, ok=True, value=value))
    try:
        return list(observe(worker, OPS, AMPLE))
    finally:
        worker.close()
        assert len(parent.ended) == 1


def test_there_is_one_observation_for_each_operation() -> None:
    assert [one.result for one in observed([HONEST, HONEST])] == [1, 1]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "pass",
        {},
        [],
        [HONEST],
        [HONEST] * 3,
        [HONEST, "pass"],
        [HONEST, {**HONEST, "points": 1}],
        [HONEST, {**HONEST, "skipped": "no"}],
    ],
    ids=range(9),
)
def test_anything_else_ends_the_worker(value: Json) -> None:
    with pytest.raises(WorkerEnded) as ended:
        observed(value)
    assert ended.value.kind == "protocol"
