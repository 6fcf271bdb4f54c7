"""The numbers that a write brings, and those that lie in the cache before. numpy alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograder.paged_batch.spec import WriteSpec

NUMBERS = 1999
"""Numbers of a write go round after so many: each is exact in float16, and no two tokens agree."""
EXACT = {"bfloat16": 251}
"""bfloat16 has fewer."""
DECOY = 100


def new_numbers(spec: WriteSpec) -> Any:
    """K and V [2, tokens, KV heads, head size] of a write, as float64."""
    shape = (2, len(spec.slots), spec.num_kv_heads, spec.head_size)
    most = EXACT.get(spec.dtype, NUMBERS)
    numbers = (np.arange(np.prod(shape)) + spec.first) * 7 % most + 1
    return numbers.reshape(shape).astype(np.float64)


def decoy_write(spec: WriteSpec) -> WriteSpec:
    """The same write of other numbers: those that K and V hold while no kernel runs."""
    return replace(spec, first=spec.first + DECOY)


def old_numbers(size: int, dtype: str) -> Any:
    """What lies in a piece of memory before: negative numbers, as float64."""
    return -1.0 - np.arange(size) % EXACT.get(dtype, NUMBERS)
