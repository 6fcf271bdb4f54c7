"""One operation of stage 3 that was in order, with all that its postcondition looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stage3.layouts import Layout
from stage3.state import Change, Number

from autograder.program.model import Op
from autograder.protocol.plain import Json

PAD = -1
"""The slot of padding."""


@dataclass(frozen=True)
class Step:
    """One operation that was in order and raised nothing.

    Attributes:
        change: what it changed.
        layout: of the program's cache; `start` and `dtype` likewise.
        start: where in the memory the cache begins, in elements.
        memory: what the memory held before, by place.
    """

    op: Op
    result: Json
    change: Change
    layout: Layout
    start: int
    dtype: str
    memory: Mapping[int, Number]

    def int(self, name: str) -> int:
        """An argument that is a number."""
        return int(str(self.op.args[name]))
