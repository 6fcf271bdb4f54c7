"""The memory that kernels may reach: arrays by name, over all launches of a watched run.

Both engines look addresses up here, so that they count and complain alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from kernel_lanes.arrays import UNINITIALISED, UNREADABLE, Array, Range, Storage, ranges


@dataclass
class Memory:
    """All storage seen so far. What is written in one launch may be read in the next."""

    _storages: dict[int, Storage] = field(default_factory=dict)
    _declared: list[Array] = field(default_factory=list)
    _ranges: dict[tuple[Any, ...], tuple[Range, ...]] = field(default_factory=dict)
    _kept: list[torch.Tensor] = field(default_factory=list)
    _names: dict[str, list[Storage]] = field(default_factory=dict)

    def declare(
        self, name: str, tensor: torch.Tensor, readable: torch.Tensor | None = None
    ) -> None:
        """Name an array, and say which of its elements may be read.

        Args:
            name: how messages and counts call it.
            tensor: the array; a kernel that is given a part of it may reach all of it.
            readable: booleans, of a shape that is the beginning of the tensor's; None for all.
        """
        array = Array(name, tensor, self.storage_of(tensor))
        self._declared.append(array)
        if readable is not None:
            hidden = ~readable.reshape(*readable.shape, *(1,) * (tensor.dim() - readable.dim()))
            view = self._shadow_view(array)
            view |= np.where(hidden.numpy(), UNREADABLE, 0).astype(np.uint8)

    def undefined(self, tensor: torch.Tensor) -> None:
        """A tensor has been allocated, and nothing has been written to it.

        It is kept: its address must not come back as another tensor's while this memory is used.
        """
        self._kept.append(tensor)
        storage = self.storage_of(tensor)
        storage.shaded()[:] |= UNINITIALISED

    def written(self, tensor: torch.Tensor) -> None:
        """Something else than a kernel has written to a tensor: its storage may be read."""
        storage = self._storages.get(tensor.untyped_storage().data_ptr())
        if storage is not None and storage.shadow is not None:
            storage.shadow &= ~np.uint8(UNINITIALISED)

    def storage_of(self, tensor: torch.Tensor) -> Storage:
        """The storage of a tensor; remembered from the first time on.

        An address that is used again for a larger or smaller allocation is a new storage.
        """
        whole = tensor.untyped_storage()
        low, size = whole.data_ptr(), whole.nbytes()
        known = self._storages.get(low)
        if known is None or known.size != size:
            known = self._storages[low] = Storage(low, size, tensor.element_size())
        return known

    def reach(self, arguments: Mapping[str, torch.Tensor]) -> tuple[Range, ...]:
        """What a launch with these arguments may reach, by rising address, without overlaps."""
        arrays: dict[tuple[Any, ...], Array] = {}
        for name, tensor in arguments.items():
            if tensor.numel():
                array = self._declared_as(tensor) or Array(name, tensor, self.storage_of(tensor))
                arrays.setdefault(_extent(array.tensor), array)
        key = tuple((array.name, id(array.storage), place) for place, array in arrays.items())
        if key not in self._ranges:
            self._ranges[key] = ranges(list(arrays.values()))
        return self._ranges[key]

    def name_of(self, array: Array) -> str:
        """What an array is called, looked up late: it may have been declared after its use.

        Else it has the name of the parameter that it was first given as, with a number if other
        storage has that name already.
        """
        declared = self._declared_as(array.tensor)
        if declared is not None:
            return declared.name
        for name, holders in self._names.items():
            if array.storage in holders:
                number = holders.index(array.storage)
                return f"{name} #{number + 1}" if number else name
        self._names.setdefault(array.name, []).append(array.storage)
        return self.name_of(array)

    def _declared_as(self, tensor: torch.Tensor) -> Array | None:
        """The declared array that a tensor is part of: the one that begins nearest before it."""
        low = tensor.data_ptr()
        holders = [one for one in self._declared if one.low <= low < one.high]
        return max(holders, key=lambda one: (one.low, -one.high), default=None)

    def _shadow_view(self, array: Array) -> Any:
        """The array's shadow bytes in its own shape."""
        storage, tensor = array.storage, array.tensor
        first = (array.low - storage.low) // storage.unit
        steps = [stride * tensor.element_size() // storage.unit for stride in tensor.stride()]
        return np.lib.stride_tricks.as_strided(storage.shaded()[first:], tensor.shape, steps)


def _extent(tensor: torch.Tensor) -> tuple[Any, ...]:
    return tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor.element_size()
