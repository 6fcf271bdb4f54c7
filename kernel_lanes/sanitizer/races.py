"""Finds accesses of two programs to one element that nothing orders, and that are not both reads.

Programs of a launch run in any order, or at once. The only order between them goes through
atomics: what a program did before an atomic, others may rely on after theirs on the same element.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernel_lanes.arrays import Storage
from kernel_lanes.sanitizer.accesses import Refused, Touched

Programs = np.ndarray[Any, np.dtype[np.int32]]
SEVERAL = -1


class _Last:
    """For each unit of a storage the program + 1 that did something last; 0 for none."""

    def __init__(self, storage: Storage) -> None:
        units = -(-storage.size // storage.unit)
        self.wrote, self.read, self.updated = (np.zeros(units, np.int32) for _ in range(3))


class Races:
    """One launch's accesses by program."""

    def __init__(self, grid: tuple[int, int, int]) -> None:
        """Nothing has been touched yet in a launch of `grid` programs."""
        self._grid = grid
        self._last: dict[int, _Last] = {}
        self._before: dict[int, set[int]] = {}
        self._released: dict[tuple[int, int], set[int]] = {}

    def load(self, part: Touched, program: int) -> None:
        """A program reads.

        Raises:
            Refused: another one wrote there, and nothing orders the two.
        """
        last, units, me = self._of(part), part.units, program + 1
        self._refuse_others(last.wrote[units], program, part, "reads", "writes")
        before = last.read[units]
        last.read[units] = np.where((before == 0) | (before == me), me, SEVERAL)

    def store(self, part: Touched, program: int) -> None:
        """A program writes.

        Raises:
            Refused: another one reads, writes or updates there, or two lanes write one element.
        """
        last, units = self._of(part), part.units
        if np.unique(units).size != units.size:
            raise Refused("race", f"two lanes write one element of '{part.array.name}'")
        self._refuse_others(last.wrote[units], program, part, "writes", "writes too")
        self._refuse_others(last.read[units], program, part, "writes", "reads")
        self._refuse_others(last.updated[units], program, part, "writes", "updates atomically")
        last.wrote[units] = program + 1

    def atomic(self, part: Touched, program: int) -> None:
        """A program updates atomically, and learns of what others did before theirs.

        Raises:
            Refused: another one wrote there plainly, and nothing orders the two.
        """
        last, units = self._of(part), part.units
        for unit in units.tolist():
            released = self._released.setdefault((part.array.storage.low, unit), set())
            mine = self._before.setdefault(program, set())
            mine |= released
            released |= mine | {program}
        self._refuse_others(last.wrote[units], program, part, "updates", "writes plainly")
        last.updated[units] = program + 1

    def _of(self, part: Touched) -> _Last:
        storage = part.array.storage
        if storage.low not in self._last:
            self._last[storage.low] = _Last(storage)
        return self._last[storage.low]

    def _refuse_others(
        self, who: Programs, program: int, part: Touched, does: str, other_does: str
    ) -> None:
        others = who[(who != 0) & (who != program + 1)]
        if not others.size:
            return
        ordered = self._before.get(program, set())
        for other in np.unique(others).tolist():
            if other - 1 not in ordered:
                name = (
                    "another one" if other == SEVERAL else str(coordinates(other - 1, self._grid))
                )
                text = f"race: {does} '{part.array.name}' where program {name} {other_does}"
                raise Refused("race", f"{text}, in any order or at once")


def coordinates(program: int, grid: tuple[int, int, int]) -> tuple[int, int, int]:
    """A program's id on the three axes, from its number; the last axis runs fastest."""
    rest, z = divmod(program, grid[2])
    x, y = divmod(rest, grid[1])
    return x, y, z
