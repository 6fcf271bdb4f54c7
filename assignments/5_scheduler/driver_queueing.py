"""A log, the two predictions, and the course's experiment."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

COST = (0.02, 0.0001, 0.000001)
"""What a step costs in the programs about predictions: fixed, a token, a KV token."""
LITTLE = ("mean_number", "arrival_rate", "mean_seconds")
PARTS: tuple[Any, ...] = ("system", "queue", "service")
PREDICTION = ("step_seconds", "mean_running", "mean_seconds")


class Queueing:
    """A log, and the two predictions."""

    def __init__(self, module: ModuleType) -> None:
        from pagedlab.simulator import CostModel

        self._module: Any = module
        self._cost = CostModel(*COST)
        self._log: Any = None

    def log(self, binds: str) -> Json:
        self._log = self._module.RequestLog()
        return None

    def record(self, binds: str, time: float, who: str, event: str) -> Json:
        if self._log is None:
            raise Undefined("log")
        return plain(self._log.record(time, who, event))

    def little(self, binds: str, part: str) -> Json:
        if self._log is None:
            raise Undefined("log")
        return self._shown(self._log.little(part), LITTLE)

    def run(self, binds: str, load: float, requests: int, blocks: int) -> Json:
        """The course's experiment: what happened, what the log says of it, what was predicted."""
        from pagedlab.experiment import run

        done = run(load, requests, blocks)
        return {
            "events": [list(event) for event in done.events],
            "little": {part: self._shown(done.log.little(part), LITTLE) for part in PARTS},
            "predicted": self._shown(done.prediction, PREDICTION),
        }

    def largest(self, binds: str, lengths: list[list[int]]) -> Json:
        return plain(self._module.largest_rate([tuple(pair) for pair in lengths], self._cost))

    def predict(self, binds: str, rate: float, lengths: list[list[int]]) -> Json:
        found = self._module.predict(rate, [tuple(pair) for pair in lengths], self._cost)
        return self._shown(found, PREDICTION)

    def _shown(self, found: Any, names: Sequence[str]) -> Json:
        return [plain(getattr(found, name)) for name in names]
