"""Arrays in memory: storage, what of it belongs to whom, and what may be read.

Storage is divided into units, the elements of the tensor through which it was first seen; a shadow
byte of each says what must not be read. Shadows are pages of zeros that cost nothing until they are
touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

UNREADABLE, UNINITIALISED = 1, 2
"""Bits of a shadow byte: declared unreadable, and never written."""

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(eq=False)
class Storage:
    """One allocation. `shadow` has a byte for each unit, or is None while all may be read."""

    low: int
    size: int
    unit: int
    shadow: Bytes | None = None

    def shaded(self) -> Bytes:
        """The shadow; made if there is none yet."""
        if self.shadow is None:
            self.shadow = np.zeros(-(-self.size // self.unit), np.uint8)
        return self.shadow


@dataclass(frozen=True, eq=False)
class Array:
    """A tensor as kernels see it: which elements, by name. `tensor` keeps the memory alive."""

    name: str
    tensor: torch.Tensor
    storage: Storage

    @property
    def low(self) -> int:
        """Address of the first byte."""
        return int(self.tensor.data_ptr())

    @property
    def high(self) -> int:
        """Address behind the last byte."""
        return self.low + span(self.tensor) * int(self.tensor.element_size())

    @property
    def dense(self) -> bool:
        """True if every element between the first and the last belongs to it."""
        return span(self.tensor) == int(self.tensor.numel())


@dataclass(frozen=True, eq=False)
class Range:
    """Addresses that a launch may reach: one array's, or several ones' that are interleaved.

    `owners` gives for each unit of [low, high) the array's place in `arrays` + 1, and 0 for
    nobody's; None if all is the first one's.
    """

    low: int
    high: int
    storage: Storage
    arrays: tuple[Array, ...]
    owners: Bytes | None = None


def span(tensor: torch.Tensor) -> int:
    """Elements from a tensor's first to its last, those between them that are not its own too."""
    if not tensor.numel():
        return 0
    pairs = zip(tensor.shape, tensor.stride(), strict=True)
    return int(1 + sum((size - 1) * stride for size, stride in pairs))


def ranges(arrays: list[Array]) -> tuple[Range, ...]:
    """One range for each array that has its addresses for itself, one for those that share."""
    groups: list[list[Array]] = []
    for array in sorted(arrays, key=lambda one: one.low):
        if groups and array.low < max(one.high for one in groups[-1]):
            groups[-1].append(array)
        else:
            groups.append([array])
    return tuple(map(_range, groups))


def _range(group: Sequence[Array]) -> Range:
    low, high = min(one.low for one in group), max(one.high for one in group)
    storage = group[0].storage
    if len(group) == 1 and group[0].dense:
        return Range(low, high, storage, tuple(group))
    owners = np.zeros(-(-(high - low) // storage.unit), np.uint8)
    for place, array in enumerate(group, start=1):
        tensor = array.tensor
        steps = [stride * tensor.element_size() // storage.unit for stride in tensor.stride()]
        first = (array.low - low) // storage.unit
        np.lib.stride_tricks.as_strided(owners[first:], tensor.shape, steps)[...] = place
    return Range(low, high, storage, tuple(group), owners)
