"""Warm parents that are shared: importing torch once serves every stage of a submission."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from autograder.judge.warm_parent import WarmParent
from autograder.sandbox.isolation import Isolation


class Parents:
    """Owns one warm parent for each set of preloaded modules, started when first asked for.

    Share one among the stages of one submission. Among submissions only where workers have
    namespaces of their own, and not after a fault: elsewhere a worker may have reached its parent.
    Close it, or use it in `with`.
    """

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation
        self._parents: dict[tuple[str, ...], WarmParent] = {}
        self._lock = Lock()

    def of(self, preload: Sequence[str]) -> WarmParent:
        """The parent that has imported these modules, a new one if the last one has ended."""
        key = tuple(preload)
        with self._lock:
            if key in self._parents and not self._parents[key].is_alive:
                self._parents.pop(key).close()
            if key not in self._parents:
                self._parents[key] = WarmParent(self.isolation, key)
            return self._parents[key]

    def renew(self, preload: Sequence[str]) -> None:
        """End the parent of these modules: it is in doubt. `of` gives a new one."""
        with self._lock:
            doubted = self._parents.pop(tuple(preload), None)
        if doubted is not None:
            doubted.close()

    def take_largest_mb(self) -> int:
        """Peak memory of the largest worker that has ended since this was last asked."""
        with self._lock:
            parents = tuple(self._parents.values())
        largest = max((parent.largest_mb for parent in parents), default=0)
        for parent in parents:
            parent.largest_mb = 0
        return largest

    def close(self) -> None:
        """End all parents and their workers."""
        for key in tuple(self._parents):
            self.renew(key)

    def __enter__(self) -> Parents:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
