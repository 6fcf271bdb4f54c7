"""The model of `checks.py` as a contract of PagedLab's judge."""

from __future__ import annotations

from collections.abc import Iterator

from stage1.checks import Model
from stage1.language import call_of

from autograder.program.model import NotWritten, Observation, Op, Violation


class Contract:
    """S1: every operation gives what the model says."""

    def __init__(self) -> None:
        self._model = Model()

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Judge one operation."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        wrong = self._model.wrong(call_of(op), seen.result, seen.error)
        if wrong:
            yield Violation("S1", "what the handout says", wrong)
