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


def virtual_tensor(shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    """A contiguous tensor of zeros that is there to be addressed, not to be written.

    Args:
        shape: of the tensor.
        dtype: of its elements.
    """
    size = math.prod(shape)
    if not size:
        return torch.empty(tuple(shape), dtype=dtype)
    pages = mmap.mmap(
        -1,
        size * dtype.itemsize,
        flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE,
        prot=mmap.PROT_READ,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it cannot be written to is the point
        return torch.frombuffer(pages, dtype=dtype, count=size).view(tuple(shape))
