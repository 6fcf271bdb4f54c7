"""Count the interpreter's steps: a cost without noise, for growth and ratios within one run.

Steps are bytecode instructions of Python code. Work inside C, such as `deque.remove`, is one
step, and student code could switch counting off: the judge's own clock is the check on both.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import PurePath
from types import FrameType
from typing import Any


class TooManySteps(BaseException):
    """The counted code was stopped: it has done more steps than anybody wants to know of."""


class StepCounter:
    """Counts instructions in a `with` block, and stops the code in it at a limit."""

    def __init__(self, limit: int, files: Collection[str] = ()) -> None:
        """Count nothing yet.

        Args:
            limit: count at which the code is stopped.
            files: names of the files whose code counts, such as "block_table.py"; any, if empty.
                What a stage calls of an earlier one is not its own cost.
        """
        self.count = 0
        self._limit = limit
        self._files = frozenset(files)

    def __enter__(self) -> StepCounter:
        # From Python 3.12 on, settrace arranges for opcodes only if a frame has asked before.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, arg: object) -> Any:
        if event == "call":
            if self._files and PurePath(frame.f_code.co_filename).name not in self._files:
                return None
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
        elif event == "opcode":
            self.count += 1
            if self.count >= self._limit:
                raise TooManySteps
        return self._trace
