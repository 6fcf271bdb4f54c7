"""Times the ledger's total."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.steps import StepCounter, TooManySteps


class Meter:
    """Holds one ledger a size."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._ledgers: dict[int, Any] = {}

    def prepare(self, size: int) -> Json:
        """Make an empty ledger: sizes stand for themselves."""
        self._ledgers[size] = self._modules["ledger"].Ledger()
        return size

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Ask for the total."""
        counter = StepCounter(most_steps)
        try:
            with counter if most_steps else nullcontext():
                result = self._ledgers[size].total()
        except TooManySteps:
            return {"outputs": None, "steps": most_steps}
        return {"outputs": {"total": result}, "steps": counter.count}
