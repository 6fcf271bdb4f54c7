"""Times the ledger's total."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.steps import StepCounter


class Meter:
    """Holds one ledger a size."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._ledgers: dict[int, Any] = {}

    def prepare(self, size: int) -> Json:
        """Make an empty ledger: sizes stand for themselves."""
        self._ledgers[size] = self._modules["ledger"].Ledger()
        return size

    def work(self, case: str, size: int, count_steps: bool) -> Json:
        """Ask for the total."""
        with StepCounter(1000) as counter:
            result = self._ledgers[size].total()
        return {"outputs": {"total": result}, "steps": counter.count}
