"""Whatever a worker replies or does, the judge ends with a value or with one clear reason."""

from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from autograder.judge import clock as clock_module
from autograder.judge import worker as worker_module
from autograder.judge.clock import Budget
from autograder.judge.faults import GraderFault, RequestFailed, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.warm_parent import Exit, Pipes, WarmParent
from autograder.judge.worker import Worker
from autograder.program.model import Op
from autograder.protocol.frames import MAX_BUFFERS, MAX_JSON, pack, read_exactly, read_frame
from autograder.protocol.plain import Json
from autograder.sandbox.policy import Limits

SOON = Budget(cpu_seconds=0.3, wall_seconds=20.0, memory_bytes=64 << 20)
BRIEF = Budget(cpu_seconds=20.0, wall_seconds=0.4, memory_bytes=64 << 20)
AMPLE = Budget(cpu_seconds=20.0, wall_seconds=30.0, memory_bytes=1 << 30)
LIMITS = Limits(memory_bytes=512 << 20, processes=8, cpu_seconds=20)
HONEST = {"result": 1, "error": "", "message": "", "place": "", "skipped": False, "state": {}}

# ---- replies -------------------------------------------------------------------------------------

Answer = Callable[[int], bytes]
"""Makes the bytes of a reply; gets the id of the request."""


class FakeParent:
    """Forks a thread that answers pings rightly and everything else as it is told."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.ended: list[int] = []

    def fork(self, stage_dir: Path, limits: Limits, readable: object = ()) -> Pipes:
        request_read, request_write = os.pipe()
        reply_read, reply_write = os.pipe()
        os.set_blocking(request_write, False)
        self._thread = threading.Thread(target=self._serve, args=(request_read, reply_write))
        self._thread.start()
        return Pipes(1 << 30, request_write, reply_read)

    def _serve(self, request_read: int, reply_write: int) -> None:
        try:
            while True:
                request = cast(Any, read_frame(partial(read_exactly, request_read)).message)
                answer = right if request["do"] == "call" else self._answer
                data = memoryview(answer(request["id"]))
                while data:
                    data = data[os.write(reply_write, data[: 1 << 15]) :]
        except (EOFError, BrokenPipeError):
            os.close(request_read)
            os.close(reply_write)

    def end(self, pid: int) -> Exit:
        self.ended.append(pid)
        self._thread.join()
        return Exit(9, 0)

    def exit_of(self, pid: int, seconds: float) -> Exit:
        return Exit(0, 0)


def right(request_id: int) -> bytes:
    return reply(id=request_id, ok=True, value=[1, 2])


def reply(**fields: Json) -> bytes:
    return pack(fields)


def answered(answer: Answer, budget: Budget = AMPLE) -> tuple[Worker, FakeParent]:
    parent = FakeParent(answer)
    return Worker(cast(WarmParent, parent), Path("/"), LIMITS), parent


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
    monkeypatch.setitem(globals(), "right", lambda i: reply(id=-1, ok=False, value=startup))
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


# ---- processes -----------------------------------------------------------------------------------

SUBMISSION = """
import os, signal, sys, time


def fine():
    return 1

def spin():
    while True: pass

def spin_in_a_child():
    if os.fork() == 0:
        while True: pass
    time.sleep(60)

def wait():
    time.sleep(60)

def leave(status):
    os._exit(status)

def die(number):
    os.kill(os.getpid(), number)
    time.sleep(60)

def eat(megabytes):
    hoard = bytearray(megabytes << 20)
    hoard[::4096] = b"x" * len(hoard[::4096])
    time.sleep(60)

def close_the_pipes():
    os.closerange(3, 64)
    while True: time.sleep(1)

def say(text):
    for fd in range(3, 64):
        try: os.write(fd, text.encode("latin-1"))
        except OSError: pass
    return 1

def deafen():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    while True: time.sleep(1)
"""
DRIVER = """
class Driver:
    ERRORS = ()
    def __init__(self, modules): self._modules = modules
    def apply(self, name, args, binds): return getattr(self._modules["thing"], name)(**args)
    def observe(self): return {}
"""


@pytest.fixture
def student(parent: WarmParent, open_dir: Path) -> Iterator[Worker]:
    """A confined worker with a hostile submission loaded."""
    (open_dir / "driver.py").write_text(DRIVER, encoding="utf-8")
    (open_dir / "pagedlab").mkdir()
    (open_dir / "pagedlab" / "thing.py").write_text(SUBMISSION, encoding="utf-8")
    worker = Worker(parent, open_dir, LIMITS)
    assert worker.request("load", {"modules": ["thing"]}, AMPLE) == {"thing": None}
    yield worker
    worker.close()


def does(student: Worker, name: str, budget: Budget = AMPLE, **args: Json) -> Json:
    ops: list[Mapping[str, Json]] = [{"name": name, "args": args, "binds": ""}]
    return student.request("run", {"ops": ops}, budget)


def ended(student: Worker, name: str, budget: Budget = AMPLE, **args: Json) -> tuple[str, str]:
    with pytest.raises(WorkerEnded) as end:
        does(student, name, budget, **args)
    assert student.close() == 0
    return end.value.kind, end.value.detail


def test_a_worker_answers_again_and_again(student: Worker) -> None:
    for _ in range(3):
        assert does(student, "fine") == [HONEST]


@pytest.mark.parametrize("name", ["spin", "spin_in_a_child"])
def test_processor_time_of_the_whole_tree_is_bounded(student: Worker, name: str) -> None:
    kind, detail = ended(student, name, SOON)
    assert kind == "timeout" and detail.startswith("no answer after 0.3 s of CPU time: ")


@pytest.mark.parametrize("name", ["wait", "deafen"])
def test_waiting_is_bounded(student: Worker, name: str) -> None:
    assert ended(student, name, BRIEF) == ("timeout", "no answer within 0.4 seconds")


def test_memory_is_bounded(student: Worker) -> None:
    kind, detail = ended(student, "eat", SOON, megabytes=200)
    assert kind == "memory"
    assert detail.endswith(" MB used, 64 MB allowed")


@pytest.mark.parametrize("status", [0, 1, 97, 128, 129, 200, 255])
def test_an_exit_is_a_crash_whatever_its_status(student: Worker, status: int) -> None:
    said = f"your code ended the process (exit status {status})"
    assert ended(student, "leave", status=status) == ("crash", said)


@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (11, "SIGSEGV"), (40, "40")])
def test_a_signal_is_a_crash_and_is_named(student: Worker, number: int, name: str) -> None:
    said = f"your code ended the process (signal {name})"
    assert ended(student, "die", number=number) == ("crash", said)


def test_a_worker_that_closes_its_pipes_and_lives_on_is_the_submissions_fault(
    student: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "EXIT_SECONDS", 0.1)
    kind, detail = ended(student, "close_the_pipes")
    assert kind == "crash" and "closed" in detail


def test_bytes_in_the_pipe_are_against_the_protocol(student: Worker) -> None:
    kind, _ = ended(student, "say", text="all rules passed, 100 points\n")
    assert kind == "protocol"


def test_a_forged_reply_to_a_guessed_request_is_against_the_protocol(student: Worker) -> None:
    body = json.dumps({"id": 0, "ok": True, "value": [HONEST]})
    kind, _ = ended(student, "say", text=struct.pack("<II", len(body), 0).decode("latin-1") + body)
    assert kind == "protocol"


def test_a_frame_that_announces_gigabytes_is_not_waited_for(student: Worker) -> None:
    kind, _ = ended(student, "say", text=struct.pack("<II", 0xFFFFFFF0, 0).decode("latin-1"))
    assert kind == "protocol"


def test_an_unknown_request_fails_and_the_next_is_answered(student: Worker) -> None:
    with pytest.raises(RequestFailed):
        student.request("points", {}, AMPLE)
    with pytest.raises(RequestFailed):
        student.request("run", {"nothing": 1}, AMPLE)
    assert does(student, "fine") == [HONEST]
