"""Whatever a submission does to its process, the judge ends with one clear reason."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from autograder.judge import worker as worker_module
from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.warm_parent import WarmParent
from autograder.judge.worker import Worker
from autograder.protocol.plain import Json
from tests.judge.fake_parent import AMPLE, BRIEF, HONEST, LIMITS

SOON = Budget(cpu_seconds=0.3, wall_seconds=20.0, memory_bytes=64 << 20)


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
