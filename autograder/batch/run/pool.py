"""A pool of grader processes. One that dies or hangs costs its task an attempt, and no other."""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.run.graders import TICK_SECONDS, End, Ended, Tick, Told
from autograder.batch.run.task import Task
from autograder.judge.warm_parent import ROOT as CODE
from autograder.sandbox.isolation import Isolation


@dataclass(frozen=True)
class Workplace:
    """What every grader process is started with.

    Attributes:
        root: the repository whose suite grades.
        cache: for what depends on bytes alone.
        scratch: for temporary files; workers can reach it.
        isolation: what every worker gets.
        lock: a descriptor that the processes keep open as long as they live, if there is one.
        said: file that gets what they print: nothing, unless something is wrong.
        own: for the parts of the cache that are one process's alone; in `cache` if it is not told.
    """

    root: Path
    cache: Path
    scratch: Path
    isolation: Isolation
    lock: int | None
    said: Path
    own: Path | None = None


@dataclass
class _Process:
    process: subprocess.Popen[bytes]
    channel: socket.socket
    number: int
    task: Task | None = None
    since: float = 0.0
    until: float = 0.0
    pending: bytes = b""


class Pool:
    """Owns up to `size` grader processes. Use it in `with`."""

    def __init__(self, workplace: Workplace, size: int) -> None:
        self._workplace = workplace
        self._size = size
        self._processes: list[_Process] = []
        self._selector = selectors.DefaultSelector()
        self._begun: set[str] = set()
        self._told: Told = lambda *_: None
        self.busy_seconds = 0.0
        """For how long the processes have had a task, all of them together."""

    def run(
        self, tasks: Iterable[Task], tick: Tick = lambda busy: None, told: Told = lambda *_: None
    ) -> Iterator[Ended]:
        """See `Graders.run`."""
        self._told = told
        left = deque(tasks)
        while left or any(one.task for one in self._processes):
            while left and (idle := self._idle()):
                self._give(idle, left.popleft())
            tick([one.task for one in self._processes if one.task])
            yield from self._wait()

    def begin(self, tasks: Iterable[Task]) -> None:
        """Hand out tasks that `check` will wait for, as far as there are processes without one."""
        for task in tasks:
            if idle := self._idle():
                self._give(idle, task)
                self._begun.add(task.name)

    def check(self, known: Sequence[Task]) -> list[str]:
        """See `Graders.check`. There is one machine, and the logs say all of it."""
        for _ in self.run([task for task in known if task.name not in self._begun]):
            pass
        self._begun.clear()
        return []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for one in tuple(self._processes):
            self._end(one)
        self._selector.close()

    def _idle(self) -> _Process | None:
        for one in self._processes:
            if one.task is None:
                return one
        return self._start() if len(self._processes) < self._size else None

    def _start(self) -> _Process:
        ours, theirs = socket.socketpair()
        place = self._workplace
        number = min(set(range(self._size)) - {one.number for one in self._processes})
        start = {
            "batch": os.getpid(),
            "fd": theirs.fileno(),
            "own": str((place.own or place.cache) / f"grader{number}"),
            "root": str(place.root),
            "cache": str(place.cache),
            "scratch": str(place.scratch),
            "tier": place.isolation.tier,
            "facts": list(place.isolation.facts),
            "layers": sorted(place.isolation.layers),
        }
        with place.said.open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "autograder.batch.run.grader", json.dumps(start)],
                cwd=CODE,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                pass_fds=[theirs.fileno(), *([] if place.lock is None else [place.lock])],
                start_new_session=True,
            )
        theirs.close()
        one = _Process(process, ours, number)
        self._selector.register(ours, selectors.EVENT_READ, one)
        self._processes.append(one)
        return one

    def _give(self, one: _Process, task: Task) -> None:
        one.task, one.since = task, time.monotonic()
        one.until = one.since + task.seconds
        try:
            one.channel.sendall(json.dumps(task.to_json()).encode() + b"\n")
        except OSError:
            pass  # it is dead, and will be found so

    def _wait(self) -> Iterator[Ended]:
        busy = [one for one in self._processes if one.task]
        if not busy:
            return
        nearest = min(one.until for one in busy) - time.monotonic()
        for key, _ in self._selector.select(max(0.0, min(TICK_SECONDS, nearest))):
            one: _Process = key.data
            yield from self._hear(one)
        for one in [one for one in self._processes if one.task]:
            if time.monotonic() > one.until and one.task:
                self._end(one)
                yield Ended(one.task, End.TIMEOUT)

    def _hear(self, one: _Process) -> Iterator[Ended]:
        try:
            data = one.channel.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._end(one)
            if one.task:
                yield Ended(one.task, End.DIED)
            return
        *lines, one.pending = (one.pending + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "stage" in message and one.task:
                self._told(one.task, int(message["stage"]), float(message["seconds"]))
            if message.get("done") and one.task:
                self.busy_seconds += time.monotonic() - one.since
                task, one.task = one.task, None
                faults = int(message["faults"])
                yield Ended(task, End.FAULT if faults else End.DONE, faults)

    def _end(self, one: _Process) -> None:
        self._selector.unregister(one.channel)
        self._processes.remove(one)
        one.channel.close()
        if one.task is not None:
            self.busy_seconds += time.monotonic() - one.since
            one.process.kill()
        try:
            one.process.wait(30)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
