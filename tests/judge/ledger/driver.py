"""Runs the ledger's operations on a submission."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain


class Driver:
    """One program: one ledger."""

    ERRORS = ("ValueError",)

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._ledger: Any = None
        self._lists: dict[str, Any] = {}

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation."""
        if name == "new":
            self._ledger = self._modules["ledger"].Ledger()
            return None
        if self._ledger is None:
            raise Undefined("ledger")
        if name == "put":
            self._lists[binds] = self._ledger.put(args["amount"])
            return plain(self._lists[binds])
        if name == "drop":
            list_name, _, index = args["item"].rstrip("]").partition("[")
            if list_name not in self._lists:
                raise Undefined(args["item"])
            return plain(self._ledger.drop(self._lists[list_name][int(index)]))
        return plain(self._ledger.total())

    def observe(self) -> Mapping[str, Json]:
        """Read the sum."""
        return {} if self._ledger is None else {"total": plain(self._ledger.total())}
