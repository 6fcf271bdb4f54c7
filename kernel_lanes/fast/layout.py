"""The structures of `runtime.h`, and how a launch is told to C and back."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from kernel_lanes.arrays import Array, Range
from kernel_lanes.record import SECTOR, ArrayTraffic


def _fields(names: str, kind: Any) -> list[tuple[str, Any]]:
    return [(name, kind) for name in names.split()]


I64, U64, POINTER = ctypes.c_int64, ctypes.c_uint64, ctypes.c_void_p


class CRange(ctypes.Structure):
    """struct range."""

    _fields_ = [
        *_fields("low high shadow_low", U64),
        *_fields("shadow owners", POINTER),
        *_fields("shift first_array", I64),
    ]


class CArray(ctypes.Structure):
    """struct array."""

    _fields_ = [
        ("low", U64),
        *_fields("stamps seen", POINTER),
        *_fields("load_bytes load_sectors unique_load_sectors", I64),
        *_fields("store_bytes store_sectors atomic_lanes touched", I64),
    ]


class CFault(ctypes.Structure):
    """struct fault."""

    _fields_ = [
        *_fields("kind does site lanes bad bits array", I64),
        ("address", U64),
        ("program", I64 * 3),
    ]


class CJob(ctypes.Structure):
    """struct job."""

    _fields_ = [
        ("ranges", ctypes.POINTER(CRange)),
        ("range_count", I64),
        ("arrays", ctypes.POINTER(CArray)),
        ("order", POINTER),
        ("grid", I64 * 3),
        *_fields("flops most_loaded", I64),
        ("fault", CFault),
        ("arguments", ctypes.POINTER(U64)),
    ]


class Job:
    """One launch as C sees it. Owns what its pointers point to."""

    def __init__(
        self,
        ranges: Sequence[Range],
        grid: tuple[int, int, int],
        order: np.ndarray[Any, np.dtype[np.int64]] | None,
        arguments: Sequence[int],
    ) -> None:
        """Lay it out.

        Args:
            ranges: what may be reached.
            grid: of the launch.
            order: numbers of programs; None for one after the other.
            arguments: bit patterns.
        """
        self.arrays: list[Array] = [array for one in ranges for array in one.arrays]
        self._kept: list[Any] = [order]
        self._c_arrays = (CArray * max(1, len(self.arrays)))(*map(self._array, self.arrays))
        first, c_ranges = 0, []
        for one in ranges:
            c_ranges.append(self._range(one, first))
            first += len(one.arrays)
        self._c_ranges = (CRange * max(1, len(c_ranges)))(*c_ranges)
        self._arguments = (U64 * max(1, len(arguments)))(*arguments)
        self.c = CJob(
            ranges=self._c_ranges,
            range_count=len(c_ranges),
            arrays=self._c_arrays,
            order=None if order is None else order.ctypes.data,
            grid=(I64 * 3)(*grid),
            arguments=self._arguments,
        )

    def traffic(self) -> dict[Array, ArrayTraffic]:
        """What has been moved, by array, of those that were touched."""
        return {
            array: ArrayTraffic(*(int(getattr(counts, one.name)) for one in fields(ArrayTraffic)))
            for array, counts in zip(self.arrays, self._c_arrays, strict=False)
            if counts.touched
        }

    def _array(self, array: Array) -> CArray:
        sectors = (array.high - 1) // SECTOR - array.low // SECTOR + 1
        stamps, seen = np.zeros(sectors, np.uint32), np.zeros(sectors, np.uint8)
        self._kept += (stamps, seen)
        return CArray(low=array.low, stamps=stamps.ctypes.data, seen=seen.ctypes.data)

    def _range(self, one: Range, first: int) -> CRange:
        storage = one.storage
        return CRange(
            low=one.low,
            high=one.high,
            shadow_low=storage.low,
            shadow=None if storage.shadow is None else storage.shadow.ctypes.data,
            owners=None if one.owners is None else one.owners.ctypes.data,
            shift=storage.unit.bit_length() - 1,
            first_array=first,
        )


def bit_pattern(value: Any) -> int:
    """An argument as C takes it: an address, a float as a double's bits, an integer's low bits."""
    if hasattr(value, "data_ptr"):
        return int(value.data_ptr())
    if isinstance(value, float):
        bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
        return bits
    return int(value) & ((1 << 64) - 1)
