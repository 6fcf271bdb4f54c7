"""Descriptors: closes what must not cross into the worker, and tries what can be opened there."""

from __future__ import annotations

import os
import resource
from collections.abc import Collection

_MOST = 1 << 20


def close_all_but(kept: Collection[int]) -> None:
    """Close every descriptor of this process that is not in `kept`."""
    try:
        found = {int(name) for name in os.listdir("/proc/self/fd")}
    except OSError:
        _close_gaps(sorted(kept))
        return
    for descriptor in found - set(kept):
        try:
            os.close(descriptor)
        except OSError:  # the one that listed the folder
            continue


def _close_gaps(kept: list[int]) -> None:
    """Close the ranges between `kept`, for systems without /proc."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    end = _MOST if limit == resource.RLIM_INFINITY else min(limit, _MOST)
    first = 0
    for descriptor in kept:
        if first < descriptor:  # Python hands an empty range at 0 on as "all there are"
            os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, end)


def can_read(path: str) -> bool:
    """Return whether this process can read the file `path`, or list and enter the folder."""
    entered = os.path.join(path, ".") if os.path.isdir(path) else path
    try:
        os.close(os.open(entered, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError:
        return False
    return True
