"""Refuses tiles over which the compiler would sit for minutes, before it begins.

What a thread cannot hold in registers is kept in memory and moved to and fro; the compiler plans
each of these moves, in time that grows faster than their number. A tile of 512 numbers a thread,
twice what there are registers for, takes it some 15 seconds of CPU; twice that, minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import triton

MOST_WORDS = 512
"""32-bit words of one tile that a thread may hold."""
REGISTERS = 255
"""That a thread of any NVIDIA GPU has at most."""
_TENSOR = re.compile(r"tensor<((?:\d+x)+)([a-z]+)(1|8|16|32)\b")


class TileTooLarge(ValueError):
    """A kernel has a tile that no compiler should be asked for. Says which."""


@contextmanager
def limited() -> Iterator[None]:
    """Have `triton.compile` refuse such kernels, in `with`.

    Raises:
        TileTooLarge: from the compiler.
    """
    knobs: Any = triton.knobs
    with knobs.runtime.scope():
        knobs.runtime.add_stages_inspection_hook = _stages
        yield


def _stages(*pipeline: Any) -> tuple[str, str] | None:
    """Triton asks twice: without arguments for what goes into its cache's key, then with them."""
    if not pipeline:
        return "", ""
    _, stages, options, *_ = pipeline
    compiled = stages["ttir"]

    def bounded(source: Any, metadata: Any) -> Any:
        module = compiled(source, metadata)
        refuse_large_tiles(str(module), 32 * options.num_warps)
        return module

    stages["ttir"] = bounded
    return None


def refuse_large_tiles(ttir: str, threads: int) -> None:
    """Look at every tile of numbers; those of addresses are computed bit by bit.

    Raises:
        TileTooLarge: the largest one is too large for so many threads.
    """
    words, _, shape, kind = max(map(_tile, _TENSOR.findall(ttir)), default=(0, False, "", ""))
    if words > MOST_WORDS * threads:
        raise TileTooLarge(
            f"a tile of {shape} {kind} is {words // threads:,} words in each of {threads} threads,"
            f" which have {REGISTERS} registers: take smaller tiles"
        )


def _tile(found: tuple[str, str, str]) -> tuple[int, bool, str, str]:
    """Words of 32 bits, whether they hold fractions, the shape, and the type."""
    sizes, kind, bits = found
    shape = sizes.rstrip("x").split("x")
    words = prod(map(int, shape)) * max(8, int(bits)) // 32
    return words, "f" in kind, " x ".join(shape), kind + bits
