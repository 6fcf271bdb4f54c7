"""Count the interpreter's steps: a cost without noise, for growth and ratios within one run.

Steps are bytecode instructions of Python code. Work inside C, such as `deque.remove`, is one
step. Each version of Python has instructions of its own: counts of two are not to be compared.
Code that switches the counting off is refused where that leaves a trace; what leaves none, and
work inside C, is for the judge's own clock to see.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from functools import cache
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Any

TOOL = "PagedLab step counter"
SWITCHES = frozenset({"sys.settrace", "sys.monitoring.register_callback"})
"""Audit events of the calls by which a program can take the counting away."""

Counts = Callable[[CodeType], bool]
"""Says whether the steps of a piece of code count."""


class TooManySteps(BaseException):
    """The counted code was stopped: it has done more steps than anybody wants to know of."""


class CountingDisturbed(RuntimeError):
    """The counted code changed how its steps are counted: there is no count."""


class StepCounter:
    """Counts instructions in a `with` block, and stops the code in it at a limit.

    What counts is what the block calls, not the function that the block stands in. One counter
    at a time.
    """

    def __init__(self, limit: int, files: Collection[str] = ()) -> None:
        """Count nothing yet.

        Args:
            limit: count at which the code is stopped.
            files: names of the files whose code counts, such as "block_table.py"; any, if empty.
                What a stage calls of an earlier one is not its own cost.
        """
        self._files = frozenset(files)
        self._caller: CodeType | None = None
        kind = _Monitored if sys.version_info >= (3, 12) else _Traced
        self._source: _Source = kind(self._counts, limit)

    @property
    def count(self) -> int:
        """Steps so far, the limit at most."""
        return self._source.count

    def __enter__(self) -> StepCounter:
        self._caller = sys._getframe(1).f_code
        _watch_switches()
        self._source.start()
        _switched.clear()
        return self

    def __exit__(self, *_: object) -> None:
        """End the counting.

        Raises:
            CountingDisturbed: the code in the block took it away, for a while or for good.
        """
        switched = bool(_switched)
        if not self._source.stop() or switched:
            if not self._source.is_at_limit:  # there the interpreter itself ends the tracing
                raise CountingDisturbed("it changes the tracing by which its cost is counted")

    def _counts(self, code: CodeType) -> bool:
        if code is self._caller or code.co_filename == __file__:
            return False
        return not self._files or PurePath(code.co_filename).name in self._files


class _Source(ABC):
    """Where steps come from: from `start` to `stop` it counts, and raises at the limit."""

    def __init__(self, counts: Counts, limit: int) -> None:
        self.count = 0
        self._counts = counts
        self._limit = limit

    @property
    def is_at_limit(self) -> bool:
        return self.count >= self._limit

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> bool:
        """End the counting; False if it had been ended or changed by somebody else."""


class _Traced(_Source):
    """By `sys.settrace`. From Python 3.12 on, it may miss what a function does the first time."""

    def start(self) -> None:
        sys.settrace(self._trace)

    def stop(self) -> bool:
        ours = sys.gettrace() == self._trace
        sys.settrace(None)
        return ours

    def _trace(self, frame: FrameType, event: str, arg: object) -> Any:
        if event == "call":
            if not self._counts(frame.f_code):
                return None
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
        elif event == "opcode":
            self.count += 1
            if self.count >= self._limit:
                raise TooManySteps
        return self._trace


class _Monitored(_Source):
    """By `sys.monitoring`, which Python has from 3.12 on, beside debuggers and other tools."""

    def __init__(self, counts: Counts, limit: int) -> None:
        super().__init__(counts, limit)
        self._monitoring: Any = vars(sys)["monitoring"]
        self._event: int = self._monitoring.events.INSTRUCTION
        self._callback: Callable[[CodeType, int], object] | None = None
        self._tool = -1

    def start(self) -> None:
        monitoring = self._monitoring
        self._tool = next(id for id in (3, 4, 2, 1, 0, 5) if monitoring.get_tool(id) is None)
        self._callback = self._counting()
        monitoring.use_tool_id(self._tool, TOOL)
        monitoring.register_callback(self._tool, self._event, self._callback)
        monitoring.restart_events()  # places that an earlier counter left out may count now
        monitoring.set_events(self._tool, self._event)

    def stop(self) -> bool:
        monitoring, tool = self._monitoring, self._tool
        ours = monitoring.get_tool(tool) == TOOL and monitoring.get_events(tool) == self._event
        if monitoring.get_tool(tool) is not None:
            monitoring.set_events(tool, 0)
            ours &= monitoring.register_callback(tool, self._event, None) is self._callback
            monitoring.free_tool_id(tool)
        return bool(ours)

    def _counting(self) -> Callable[[CodeType, int], object]:
        """What is called at every instruction: a closure, as that is twice as fast."""
        monitoring, tool, limit, counts = self._monitoring, self._tool, self._limit, self._counts
        counted: dict[int, CodeType] = {}  # by identity, as equal code may stand in two files

        def on_instruction(code: CodeType, offset: int) -> object:
            if id(code) not in counted:
                if not counts(code):
                    return monitoring.DISABLE  # this place needs no further call
                counted[id(code)] = code
            self.count += 1
            if self.count >= limit:
                monitoring.set_events(tool, 0)
                raise TooManySteps
            return None

        return on_instruction


_switched: list[str] = []


def _note_switch(event: str, args: object) -> None:
    if event in SWITCHES:
        _switched.append(event)


@cache
def _watch_switches() -> None:
    """Hear of every switch in this process, for good: nobody can take such a hook away."""
    sys.addaudithook(_note_switch)
