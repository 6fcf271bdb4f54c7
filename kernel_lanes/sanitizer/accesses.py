"""One launch in the interpreter: finds what each access touches, counts it, and checks it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kernel_lanes.arrays import Array, Range
from kernel_lanes.messages import outside, unreadable
from kernel_lanes.record import SECTOR, ArrayTraffic

Addresses = np.ndarray[Any, np.dtype[np.uint64]]
Units = np.ndarray[Any, np.dtype[np.int64]]


class Refused(Exception):
    """An access that must not be. The engine adds place and program."""

    def __init__(self, kind: str, message: str) -> None:
        """Say which kind of fault it is, and what was touched."""
        super().__init__(message)
        self.kind = kind


@dataclass
class Counts:
    """Traffic of one array in one launch."""

    load_bytes: int = 0
    load_sectors: int = 0
    store_bytes: int = 0
    store_sectors: int = 0
    atomic_lanes: int = 0
    sectors: set[int] = field(default_factory=set)

    def traffic(self) -> ArrayTraffic:
        """As it goes into the record."""
        loads = (self.load_bytes, self.load_sectors, len(self.sectors))
        return ArrayTraffic(*loads, self.store_bytes, self.store_sectors, self.atomic_lanes)


@dataclass(frozen=True)
class Touched:
    """What one access touches of one array: addresses of lanes, and units of the storage."""

    array: Array
    addresses: Addresses
    units: Units


class Accesses:
    """Everything that a launch does to memory."""

    def __init__(self, ranges: tuple[Range, ...]) -> None:
        """Nothing has been touched yet of `ranges`, which rise and do not overlap."""
        self._ranges = ranges
        self._lows = [one.low for one in ranges]
        self._counts: dict[Array, Counts] = {}

    def traffic(self) -> dict[Array, ArrayTraffic]:
        """What has been moved so far, by array."""
        return {array: counts.traffic() for array, counts in self._counts.items()}

    def load(self, addresses: Addresses, size: int) -> list[Touched]:
        """Count and check a load.

        Args:
            addresses: of the active lanes.
            size: bytes of an element.

        Raises:
            Refused: a lane is out of bounds, or reads what must not be read.
        """
        touched = list(self._touched(addresses, size, "reads"))
        for part in touched:
            _check_readable(part)
            counts, sectors = self._of(part), _sectors(part)
            counts.load_bytes += part.addresses.size * size
            counts.load_sectors += len(sectors)
            counts.sectors.update(sectors)
        return touched

    def store(self, addresses: Addresses, size: int) -> list[Touched]:
        """Count and check a store; what is written may be read from now on. Raises as `load`."""
        touched = list(self._touched(addresses, size, "writes"))
        for part in touched:
            counts = self._of(part)
            counts.store_bytes += part.addresses.size * size
            counts.store_sectors += len(_sectors(part))
            if part.array.storage.shadow is not None:
                part.array.storage.shadow[part.units] = 0
        return touched

    def atomic(self, addresses: Addresses, size: int) -> list[Touched]:
        """Count and check an atomic operation. Raises as `load`."""
        touched = list(self._touched(addresses, size, "updates"))
        for part in touched:
            _check_readable(part)
            self._of(part).atomic_lanes += part.addresses.size
        return touched

    def _of(self, part: Touched) -> Counts:
        return self._counts.setdefault(part.array, Counts())

    def _touched(self, addresses: Addresses, size: int, does: str) -> Iterator[Touched]:
        """The parts of an access, one for each array."""
        if not addresses.size:
            return
        at = bisect_right(self._lows, int(addresses.min())) - 1
        if at >= 0 and int(addresses.max()) + size <= self._ranges[at].high:
            yield from self._within(self._ranges[at], addresses, does)
            return
        lows = np.array(self._lows, np.uint64)
        highs = np.array([one.high for one in self._ranges], np.uint64)
        which = np.searchsorted(lows, addresses, side="right").astype(np.int64) - 1
        inside = (which >= 0) & (addresses + np.uint64(size) <= highs[np.maximum(which, 0)])
        if not inside.all():
            raise self._outside(addresses[~inside], addresses.size, does)
        for place in np.unique(which).tolist():
            yield from self._within(self._ranges[place], addresses[which == place], does)

    def _within(self, piece: Range, addresses: Addresses, does: str) -> Iterator[Touched]:
        storage = piece.storage
        units = (addresses.astype(np.int64) - storage.low) // storage.unit
        if piece.owners is None:
            yield Touched(piece.arrays[0], addresses, units)
            return
        owners = piece.owners[units - (piece.low - storage.low) // storage.unit]
        if not owners.all():
            raise self._outside(addresses[owners == 0], addresses.size, does)
        for place in np.unique(owners).tolist():
            mine = owners == place
            yield Touched(piece.arrays[place - 1], addresses[mine], units[mine])

    def _outside(self, bad: Addresses, lanes: int, does: str) -> Refused:
        first = int(bad[0])
        arrays = [array for one in self._ranges for array in one.arrays]
        return Refused("out_of_bounds", outside(does, first, bad.size, lanes, arrays))


def _check_readable(part: Touched) -> None:
    shadow = part.array.storage.shadow
    if shadow is None:
        return
    bits = shadow[part.units]
    if bits.any():
        bad, first = bits[bits != 0], int(part.addresses[bits != 0][0])
        raise Refused(*unreadable(part.array, int(bad[0]), first, bad.size, bits.size))


def _sectors(part: Touched) -> list[int]:
    sectors: list[int] = np.unique(part.addresses // np.uint64(SECTOR)).tolist()
    return sectors
