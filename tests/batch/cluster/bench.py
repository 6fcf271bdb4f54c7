"""Looks at what a batch on a cluster has started: its processes, and the ports they listen at."""

from __future__ import annotations

import importlib.util
import os
import select
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from tests.batch.bench import CODE, command, make_class, make_root

SECONDS = 180.0
# Only looked for: the import of dask_jobqueue takes Ctrl-C away.
NEEDS_DASK = pytest.mark.skipif(
    importlib.util.find_spec("dask_jobqueue") is None,
    reason="needs distributed, dask-jobqueue, cryptography: pip install -r requirements.txt",
)
LISTENING = "0A"
T = TypeVar("T")


class Ended(AssertionError):
    """The batch was through before what was waited for."""


class Place:
    """A tiny repository and a class, `without` some of its students."""

    def __init__(self, path: Path, without: Sequence[str] = ()) -> None:
        self.path = path
        self.root, self.subs = make_root(path / "root"), make_class(path / "subs")
        for name in without:
            shutil.rmtree(self.subs / name)
        self._started: list[subprocess.Popen[str]] = []

    def start(
        self, run: Path, *arguments: object, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a batch; what it says goes to a file beside its folder."""
        words = command(self.root, "--out", run, "--seed", 1, *arguments)
        with run.with_suffix(".said").open("a") as said:
            process = subprocess.Popen(
                words, cwd=CODE, stdout=said, stderr=said, text=True, env=environment
            )
        self._started.append(process)
        return process

    def close(self) -> None:
        """End what a failed test has left at work."""
        for process in self._started:
            process.kill()
            process.wait()


def wait_for(batch: subprocess.Popen[str], look: Callable[[], T]) -> T:
    """Wait until something is there, while a batch is at work.

    Raises:
        Ended: it was through before.
    """
    until = time.monotonic() + SECONDS
    while not (found := look()):
        if batch.poll() is not None or time.monotonic() > until:
            raise Ended(f"the batch ended with {batch.poll()} before")
        select.select([], [], [], 0.01)
    return found


def is_at_work(run: Path) -> bool:
    """True while a node writes a result, and has written some of it."""
    return any(b'"rule"' in part.read_bytes() for part in parts(run))


def has_begun(run: Path) -> bool:
    """True once a grading has begun, on a node or here."""
    return is_at_work(run) or any((run / "graded").glob("*.jsonl"))


def parts(run: Path) -> list[Path]:
    """Results that are not finished."""
    return list(run.glob("cluster/*/parts/*.part"))


def tree(pid: int) -> list[int]:
    """A process and all that come of it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def graders(pids: list[int]) -> list[int]:
    """Those of the processes that are graders of a batch."""
    return [pid for pid in pids if b"autograder.batch.run.grader" in _words(pid)]


def dask_workers(pids: list[int]) -> list[int]:
    """Those of the processes that are Dask workers: each has a grader."""
    stats = [Path(f"/proc/{pid}/stat").read_text() for pid in graders(pids)]
    return [int(stat.rpartition(")")[2].split()[1]) for stat in stats]


def ports(pids: list[int]) -> list[tuple[str, int]]:
    """Where processes listen."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                inodes.add(os.readlink(link).removeprefix("socket:[").rstrip("]"))
            except OSError:
                continue
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[3] == LISTENING and cells[9] in inodes:
            address, port = cells[1].split(":")
            found.append((socket.inet_ntoa(bytes.fromhex(address)[::-1]), int(port, 16)))
    return found


def answer_to_plain(address: tuple[str, int]) -> bytes:
    """What somebody gets who asks without encryption."""
    with socket.create_connection(address, 10) as channel:
        channel.sendall(b"GET /info HTTP/1.0\r\n\r\n")
        try:
            return channel.recv(100)
        except OSError:
            return b""


def lets_in(address: tuple[str, int], keys: Path | None) -> bool:
    """True if somebody gets through TLS, with keys or without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if keys:
        context.load_cert_chain(keys / "cert.pem", keys / "key.pem")
    try:
        with socket.create_connection(address, 10) as plain:
            with context.wrap_socket(plain) as channel:
                return bool(channel.recv(1))  # TLS 1.3 refuses only now; Dask greets first
    except OSError:
        return False


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
