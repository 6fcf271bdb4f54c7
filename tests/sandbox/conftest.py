"""Runs an attack inside a confined worker and returns what came of it."""

from __future__ import annotations

import functools
import json
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import descend
from autograder.sandbox.enter import enter
from autograder.sandbox.errors import SandboxError
from autograder.sandbox.isolation import Isolation, Tier, probe
from autograder.sandbox.policy import Limits, Policy
from autograder.sandbox.reap import kill_tree

PATIENCE = 30.0
SMALL = Limits(memory_bytes=256 << 20, processes=6, file_bytes=1 << 20, cpu_seconds=20)


@dataclass
class Worker:
    """One confined worker: its outer process and the pipe that it answers on."""

    pid: int
    answers: int
    _status: int | None = field(default=None, init=False)

    def answer(self) -> Any:
        """Return the worker's next answer; None where it ended without one."""
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([self.answers], [], [], PATIENCE)[0]:
                raise TimeoutError("the worker does not answer")
            piece = os.read(self.answers, 1)
            if not piece:
                return None
            line += piece
        return json.loads(line)

    def status(self) -> int:
        """Wait for the outer process and return its wait status."""
        if self._status is None:
            self._status = os.waitpid(self.pid, 0)[1]
        return self._status

    def end(self) -> None:
        """Leave nothing behind."""
        if self._status is None:
            kill_tree(self.pid)
            self.status()
        os.close(self.answers)


Attack = Callable[[], Any]
Start = Callable[..., Worker]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts a worker with an attack; ends all of them afterwards."""
    workers: list[Worker] = []

    def begin(
        attack: Attack,
        isolation: Isolation,
        readable: tuple[str, ...] = (),
        limits: Limits = SMALL,
        keep: tuple[int, ...] = (),
        linger: bool = False,
        devices: tuple[str, ...] = (),
    ) -> Worker:
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            policy = Policy(readable, limits, (write_end, *keep), devices)
            _inside(attack, policy, isolation, write_end, linger)
        os.close(write_end)
        workers.append(Worker(pid, read_end))
        return workers[-1]

    yield begin
    for worker in workers:
        worker.end()


def _inside(
    attack: Attack, policy: Policy, isolation: Isolation, write_end: int, linger: bool
) -> None:
    try:
        try:
            enter(policy, isolation)
            said = attack()
        except SandboxError as error:
            said = {"sandbox error": str(error)}
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(write_end, json.dumps(said).encode() + b"\n")
        while linger:
            signal.pause()
    finally:
        os._exit(0)


@pytest.fixture
def confine(start: Start) -> Callable[..., Any]:
    """Return a function that runs an attack in a worker and returns its one answer."""

    def run(attack: Attack, isolation: Isolation, **options: Any) -> Any:
        worker = start(attack, isolation, **options)
        said = worker.answer()
        worker.status()
        return said

    return run


@functools.cache
def _probed(tier: Tier) -> Isolation:
    return probe(at_most=tier)


def _need(tier: Tier) -> Isolation:
    """Return the isolation of exactly this tier, or skip with the reason for its absence."""
    found = _probed(tier)
    if found.tier is not tier:
        pytest.skip(f"this machine has no tier {tier.value}: {found.describe()}")
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of every tier, or of those that hide files, on the tiers that are here."""
    strong = (Tier.NAMESPACES, Tier.LANDLOCK)
    for name, tiers in (("any_tier", tuple(Tier)), ("strong_tier", strong)):
        if name in metafunc.fixturenames:
            here = [found for tier in tiers if (found := _probed(tier)).tier is tier]
            metafunc.parametrize(name, here, ids=lambda isolation: isolation.tier.value)


@pytest.fixture(params=list(Tier), ids=lambda tier: tier.value)
def each_tier(request: pytest.FixtureRequest) -> Isolation:
    """Return the isolation of each tier; skips where the machine lacks it."""
    return _need(request.param)


@pytest.fixture
def namespaces() -> Isolation:
    """Return the strongest isolation."""
    return _need(Tier.NAMESPACES)


@pytest.fixture
def uid_only() -> Isolation:
    """Return the isolation by another user alone."""
    return _need(Tier.UID)


@pytest.fixture
def limits_only() -> Isolation:
    """Return the weakest isolation."""
    return _need(Tier.LIMITS)


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """Return an empty folder below /tmp that every user may read."""
    folder = Path(tempfile.mkdtemp(prefix="pagedlab-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _private_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the workers' folders where they are removed even if their guard was killed."""
    with tempfile.TemporaryDirectory(prefix="pagedlab-test-", dir="/tmp") as place:
        os.chmod(place, 0o755)
        monkeypatch.setattr(descend, "_SCRATCH_PLACES", (place,))
        yield


@pytest.fixture
def refused() -> Callable[[Attack], str]:
    """Return a function that names the error which the system answers with, "" for success."""

    def name_of_error(attempt: Attack) -> str:
        try:
            attempt()
        except OSError as error:
            return type(error).__name__
        return ""

    return name_of_error
