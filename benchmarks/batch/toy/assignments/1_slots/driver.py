"""Runs the operations on a submission's pool of slots."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain


class Driver:
    """One program: one pool."""

    ERRORS = ("OutOfSlots", "ValueError")

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._pool: Any = None
        self._names: dict[str, Any] = {}

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation."""
        values = args["values"]
        if name == "new":
            self._pool = self._modules["slots"].Slots(*values)
            return None
        if self._pool is None:
            raise Undefined("pool")
        if name == "take":
            taken = self._pool.take(*values)
            self._names.update({f"{binds}[{i}]": slot for i, slot in enumerate(taken)})
            return plain(taken)
        if name == "give":
            if not set(values) <= set(self._names):
                raise Undefined(str(values))
            return plain(self._pool.give([self._names[value] for value in values]))
        return plain(self._pool.free())

    def observe(self) -> Mapping[str, Json]:
        """Nothing beside the results: the other graders look at no more."""
        return {}
