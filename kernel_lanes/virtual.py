"""Tensors of serving size that take no memory: real addresses, and pages of zeros nobody owns.

The mapping is for reading only and shared by all of its pages, so neither a memory limit nor the
machine's memory stands in the way of a cache of many gigabytes. Writing to one ends the process.
"""

from __future__ import annotations

import math
import mmap
import warnings
from collections.abc import Sequence

import torch

_NO_RESERVE = 0x4000  # MAP_NORESERVE on Linux
_PAGE, _PAGES = 4096, 256


class _Pool:
    """One mapping that all virtual tensors lie in, over each other but not at one address."""

    def __init__(self) -> None:
        self._pages: mmap.mmap | None = None
        self._given = 0

    def at_least(self, size: int) -> tuple[mmap.mmap, int]:
        """A mapping and an offset with `size` bytes behind it."""
        if self._pages is None or len(self._pages) < size + _PAGE * _PAGES:
            self._pages = mmap.mmap(
                -1,
                size + _PAGE * _PAGES,
                flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE,
                prot=mmap.PROT_READ,
            )
        self._given += 1
        return self._pages, self._given % _PAGES * _PAGE


_pool = _Pool()


def virtual_tensor(shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    """A contiguous tensor of zeros that is there to be addressed, not to be written.

    Several of them lie over each other, each with an address of its own.

    Args:
        shape: of the tensor.
        dtype: of its elements.
    """
    count = math.prod(shape)
    if not count:
        return torch.empty(tuple(shape), dtype=dtype)
    pages, offset = _pool.at_least(count * dtype.itemsize)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it cannot be written to is the point
        whole = torch.frombuffer(pages, dtype=dtype, count=count, offset=offset)
    return whole.view(tuple(shape))
