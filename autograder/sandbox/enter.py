"""Turns a freshly forked child into a confined worker and its guards."""

from __future__ import annotations

import os
import tempfile

from autograder.sandbox import (
    credentials,
    filesystem,
    landlock,
    limits,
    seccomp,
    supervise,
    syscalls,
)
from autograder.sandbox.credentials import Ids
from autograder.sandbox.descend import into_child, into_namespaces
from autograder.sandbox.descriptors import can_read, close_all_but
from autograder.sandbox.errors import HINT, SandboxError, step
from autograder.sandbox.policy import Policy, interpreter_paths
from autograder.sandbox.tiers import Isolation, Layer, Tier

_STANDARD = (0, 1, 2)
# Without a mounted tree of its own, what a worker may see of the kernel's.
_KERNEL_FILES = (
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
)


def prepare(isolation: Isolation) -> None:
    """Work out once, before forking, what every `enter` of this process's children needs.

    Optional; saves a millisecond or two a worker. To be called after the imports that matter.
    """
    interpreter_paths.cache_clear()
    interpreter_paths()
    machine = syscalls.machine()
    if machine is not None and isolation.tier is Tier.NAMESPACES:
        seccomp.program(machine, _scope(isolation, own=Layer.OWN_UID in isolation.layers, worker=2))


def enter(policy: Policy, isolation: Isolation) -> None:
    """Confine this process as promised; return only in the innermost one, the worker.

    To be called first thing in a single-threaded child of `os.fork`. The child stays behind as the
    outer process: it ends with the worker's wait status, and SIGTERM or the death of its parent
    ends everything below it. The worker starts in its private folder, which is also HOME.

    Args:
        policy: what the worker may use.
        isolation: from `probe`; every layer in it is put in force.

    Raises:
        SandboxError: a promised layer could not be entered. Raised in exactly one process, maybe
            a guard of the worker to be, which must then report it and end.
    """
    _check(policy)
    with step("leaving the grader's session"):
        supervise.start_session()
    ids = credentials.worker_ids(Layer.OWN_UID in isolation.layers)
    if Layer.OWN_UID in isolation.layers and not ids.own:
        raise SandboxError("no unused user can be had for the worker", 0, HINT)
    if isolation.tier is Tier.NAMESPACES:
        folder, others = into_namespaces(policy, isolation, ids)
    else:
        folder, others = into_child(isolation, ids)
    _settle(folder, policy)
    _confine(policy, isolation, ids, folder, others)


def _check(policy: Policy) -> None:
    """Refuse a policy that cannot mean what it says."""
    for path in policy.readable:
        if not os.path.isabs(path) or not os.path.exists(path):
            raise SandboxError(f"readable path {path!r} is not an existing absolute path", 0, "")
        if os.path.normpath(path) in ("/", "/dev", "/proc", filesystem.WORK):
            raise SandboxError(f"{path!r} cannot be made readable as a whole", 0, "name its parts")
    for path in policy.devices:
        if not path.startswith("/dev/") or os.path.normpath(path) != path:
            raise SandboxError(f"{path!r} is no device's path", 0, "name files below /dev")


def _settle(folder: str, policy: Policy) -> None:
    """Make `folder` the worker's home and check that it can read what it was promised."""
    supervise.unmask()
    close_all_but({*_STANDARD, *policy.keep_fds})
    os.umask(0o022)
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder)
    tempfile.tempdir = None
    for path in policy.readable:
        if not can_read(path):
            hint = "let others read it (chmod -R o+rX), and pass through the folders above it"
            raise SandboxError(f"the worker's user cannot read {path}", 0, hint)


def _confine(policy: Policy, isolation: Isolation, ids: Ids, folder: str, others: int) -> None:
    """Put the layers in force that need no other process."""
    layers = isolation.layers
    separate = isolation.tier is Tier.NAMESPACES
    if Layer.LANDLOCK in layers:
        with step("landlock"):
            if separate:
                landlock.restrict(("/",), (*filesystem.WRITABLE, *policy.devices))
            else:
                readable = (*interpreter_paths(), *policy.readable, *_KERNEL_FILES)
                writable = (folder, "/dev/null", "/dev/full", *policy.devices)
                landlock.restrict(readable, writable)
    with step("limits"):
        limits.apply(policy.limits, others)
    if Layer.SECCOMP in layers:
        with step("seccomp"):
            seccomp.install(_scope(isolation, ids.own, os.getpid()))


def _scope(isolation: Isolation, own: bool, worker: int) -> seccomp.Scope:
    """Return what the filter has to close in this isolation."""
    version = landlock.abi() if Layer.LANDLOCK in isolation.layers else 0
    return seccomp.Scope(isolation.tier is Tier.NAMESPACES, not own, version, worker)
