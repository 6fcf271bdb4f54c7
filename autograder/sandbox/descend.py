"""The way down from the forked child to the worker, leaving its guards behind.

Each way returns in the innermost process only, its credentials dropped, the rest of the layers not
yet in force.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from dataclasses import replace

from autograder.sandbox import credentials, filesystem, limits, namespaces, supervise, syscalls
from autograder.sandbox.credentials import Ids
from autograder.sandbox.errors import step
from autograder.sandbox.layout import plan
from autograder.sandbox.policy import Policy, interpreter_paths
from autograder.sandbox.tiers import Isolation, Layer

_LINUX = sys.platform.startswith("linux")
_SCRATCH_PLACES = ("/tmp", "/var/tmp")


def into_namespaces(policy: Policy, isolation: Isolation, ids: Ids) -> tuple[str, int]:
    """Go down to process 2 of a new pid namespace; return its folder and the tasks beside it."""
    grader = os.getppid()
    supervise.die_with_parent(signal.SIGKILL, grader)
    privileged = ids.own and credentials.has(credentials.CAP_SYS_ADMIN)
    others = _tasks_beside(ids, privileged)
    layout = plan((*interpreter_paths(), *policy.readable))
    read_end, write_end = os.pipe()
    with step("namespaces"):
        if ids.own and not privileged:
            credentials.become(ids)
            ids = replace(ids, own=False)  # it has become so; there is nothing left to change
            syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # or the id maps would be root's to write
        namespaces.leave_host(ids, privileged)
        supervise.die_with_parent(signal.SIGKILL, grader)
        init = os.fork()
    if init:
        os.close(write_end)
        supervise.guard_init(init, read_end)
    os.close(read_end)
    os.umask(0o022)
    with step("building the worker's file tree"):
        scratch = filesystem.Scratch(ids.uid, ids.gid, policy.limits.file_bytes)
        filesystem.build(layout, scratch, Layer.PROC in isolation.layers, policy.devices)
    with step("dropping privileges"):
        credentials.become(ids, _kept(isolation))
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
        supervise.die_with_reader(write_end)
        worker = os.fork()
    if worker:
        supervise.run_init(worker, write_end)
    os.close(write_end)
    supervise.die_with_parent(signal.SIGKILL)
    return filesystem.WORK, others


def _tasks_beside(ids: Ids, privileged: bool) -> int:
    """Return how many tasks the kernel counts with the worker's: its guards, older ones all."""
    if privileged:
        return 1
    return 2 if limits.counted_per_namespace() else 2 + limits.tasks_of(ids.uid)


def into_child(isolation: Isolation, ids: Ids) -> tuple[str, int]:
    """Go down to a child that the outer process guards; return its folder and the tasks beside."""
    supervise.die_with_parent(signal.SIGTERM, os.getppid())
    others = 0 if ids.own else limits.tasks_of(ids.uid)
    outer = os.getpid()
    with step("making the worker's folder"):
        folder = _scratch_folder(ids)
        if _LINUX:
            syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
            syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
        worker = os.fork()
    if worker:
        supervise.guard_brood(supervise.Brood(worker, folder))
    with step("dropping privileges"):
        os.setsid()
        if _LINUX:
            credentials.become(ids, _kept(isolation))
    supervise.die_with_parent(signal.SIGKILL, outer)
    return folder, others


def _kept(isolation: Isolation) -> int | None:
    """Return the capability that the promise lets the worker keep."""
    return credentials.CAP_DAC_READ_SEARCH if Layer.READ_ALL in isolation.layers else None


def _scratch_folder(ids: Ids) -> str:
    """Make a folder that only the worker's user may enter, where other users can reach it."""
    place = next((p for p in _SCRATCH_PLACES if os.access(p, os.W_OK)), tempfile.gettempdir())
    folder = tempfile.mkdtemp(prefix="pagedlab-", dir=place)
    if ids.own:
        os.chown(folder, ids.uid, ids.gid)
    return folder
