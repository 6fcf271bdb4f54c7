"""Runs kernels in Triton's interpreter and hands every access to those who count and check it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import triton.runtime.interpreter as interpreter

from kernel_lanes import modes
from kernel_lanes.arguments import tensors_of
from kernel_lanes.messages import broken_assertion
from kernel_lanes.patching import Patches, pin_autotuner
from kernel_lanes.record import Fault
from kernel_lanes.sanitizer import bfloat16, builder, overhead
from kernel_lanes.sanitizer.accesses import Accesses, Refused, Touched
from kernel_lanes.sanitizer.place import kernel_place
from kernel_lanes.sanitizer.races import Races, coordinates
from kernel_lanes.watching import Ran, Watch


class Sanitizer(Watch):
    """Kernels launched in `with` run in the interpreter, watched.

    A kernel that does what it must not ends with KernelFault, at the access itself.
    """

    def __init__(self, order: str | int = "forward", races: bool = True) -> None:
        """Set up; nothing runs yet.

        Args:
            order: of a launch's programs: `forward`, `reverse`, or the seed of a shuffle.
            races: whether accesses of different programs to one element are looked at.
        """
        super().__init__()
        modes.require("interpreted")
        self._order = order
        self._with_races = races
        self._patches = Patches()
        self.running: Running | None = None

    def install(self) -> None:
        """Take over the interpreter's launches, builder and number formats."""
        overhead.install(self._patches)
        bfloat16.install(self._patches)
        builder.install(self._patches, self)
        pin_autotuner(self._patches)
        launch = self._launch
        original: Callable[..., None] = interpreter.GridExecutor.__call__

        def call(executor: Any, *args: Any, **kwargs: Any) -> None:
            launch(original, executor, args, kwargs)

        self._patches.set(interpreter.GridExecutor, "__call__", call)

    def remove(self) -> None:
        """Leave the interpreter as it was."""
        self._patches.undo()

    def _launch(
        self, original: Callable[..., None], executor: Any, args: Any, kwargs: Mapping[str, Any]
    ) -> None:
        given = {**dict(zip(executor.arg_names, args, strict=False)), **kwargs}
        ranges = self.memory.reach(tensors_of(given))
        self.running = Running(Accesses(ranges), self._order, self._with_races)
        try:
            original(executor, *args, **kwargs)
        except interpreter.InterpreterError as error:
            if self.running.fault is None:
                raise
            raise self.failed(self.running.fault) from error.__cause__
        finally:
            running, self.running = self.running, None
        self.ran.append(running.ended(executor.fn.__name__))


class Running:
    """The launch that is under way. What it does comes in by program, in some order."""

    def __init__(self, accesses: Accesses, order: str | int, races: bool) -> None:
        """Wait for the grid to become known."""
        self.fault: Fault | None = None
        self._accesses = accesses
        self._order = order
        self._with_races = races
        self._races: Races | None = None
        self._sequence: Iterator[int] = iter(())
        self._program = 0
        self._grid = (1, 1, 1)
        self._loaded = self._most_loaded = self._flops = 0

    def begin(self, grid: tuple[int, int, int]) -> None:
        """The grid is known."""
        self._grid = grid
        self._races = Races(grid) if self._with_races else None
        numbers = np.arange(grid[0] * grid[1] * grid[2])
        if self._order == "reverse":
            numbers = numbers[::-1]
        elif isinstance(self._order, int):
            numbers = np.random.default_rng(self._order).permutation(numbers)
        self._sequence = iter(numbers.tolist())

    def next_program(self) -> tuple[int, int, int]:
        """The id of the program that is to run now."""
        self._program, self._loaded = next(self._sequence), 0
        return coordinates(self._program, self._grid)

    def load(self, addresses: Any, size: int) -> None:
        """Lanes read elements of `size` bytes."""
        self._loaded += addresses.size * size
        self._most_loaded = max(self._most_loaded, self._loaded)
        self._check(lambda: self._accesses.load(addresses, size), "load")

    def store(self, addresses: Any, size: int) -> None:
        """Lanes write elements of `size` bytes."""
        self._check(lambda: self._accesses.store(addresses, size), "store")

    def atomic(self, addresses: Any, size: int) -> None:
        """Lanes update elements of `size` bytes atomically."""
        self._check(lambda: self._accesses.atomic(addresses, size), "atomic")

    def dot(self, flops: int) -> None:
        """A matrix product is computed."""
        self._flops += flops

    def holds(self, condition: Any, message: str) -> None:
        """An assertion of the kernel's own is checked."""
        if not condition:
            self._refuse(Refused("assertion", broken_assertion(message)))

    def ended(self, kernel: str) -> Ran:
        """What the launch did, once it has ended."""
        counts = (self._flops, self._most_loaded)
        return Ran(kernel, self._grid, self._accesses.traffic(), *counts)

    def _check(self, access: Callable[[], list[Touched]], what: str) -> None:
        try:
            for part in access():
                if self._races is not None:
                    getattr(self._races, what)(part, self._program)
        except Refused as refused:
            self._refuse(refused)

    def _refuse(self, refused: Refused) -> None:
        program = coordinates(self._program, self._grid)
        self.fault = Fault(refused.kind, str(refused), kernel_place(), program)
        raise refused
