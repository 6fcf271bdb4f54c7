"""Sizes of paged attention: what is asked of a kernel, in numbers alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ITEM_SIZES: Mapping[str, int] = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True)
class PagedShape:
    """One batch.

    Attributes:
        name: what reports call it.
        sequences: (new tokens, all tokens) of each sequence; the new ones are the last.
        heads: query heads.
        kv_heads: key/value heads; divides `heads`.
        head_size: numbers in a head.
        block_size: tokens in a block of the cache.
        dtype: float32, float16 or bfloat16.
    """

    name: str
    sequences: tuple[tuple[int, int], ...]
    heads: int = 32
    kv_heads: int = 8
    head_size: int = 128
    block_size: int = 16
    dtype: str = "float16"

    @property
    def item_size(self) -> int:
        """Bytes of a number."""
        return ITEM_SIZES[self.dtype]

    @property
    def tokens(self) -> int:
        """New tokens of the batch: rows of the query."""
        return sum(new for new, _ in self.sequences)

    @property
    def blocks(self) -> int:
        """Blocks that the sequences' tokens take."""
        return sum(-(-total // self.block_size) for _, total in self.sequences)

    @property
    def scores(self) -> int:
        """Pairs of a new token and a token that it may see, itself included."""
        return sum(new * total - new * (new - 1) // 2 for new, total in self.sequences)


def decode(name: str, sequences: int, length: int, **sizes: int) -> PagedShape:
    """Sequences of one length with one new token each."""
    return PagedShape(name, ((1, length),) * sequences, **sizes)  # type: ignore[arg-type]


SERVING = (
    decode("decode 64 x 8k", 64, 8192),
    decode("decode 1 x 32k", 1, 32768),
    PagedShape("prefill 2048 of 8k", ((2048, 8192),)),
    PagedShape("mixed: 1 x 512 of 4k, 31 x decode", ((512, 4096), *((1, 2048),) * 31)),
)
"""What a server asks of a kernel, with the heads of Llama 3 8B (arXiv 2407.21783, table 3)."""

COUNTED = (
    decode("decode 8 x 1k", 8, 1024),
    decode("decode 1 x 8k", 1, 8192),
    PagedShape("prefill 128 of 1k", ((128, 1024),)),
    PagedShape("mixed, ragged", ((1, 17), (1, 500), (33, 97), (1, 1), (1, 1023))),
)
"""Smaller ones, of the same kinds, that are run to be counted."""

CHECKED = tuple(
    PagedShape(
        f"{dtype}, ragged", ((1, 1), (1, 33), (3, 16), (1, 15), (17, 40)), 8, 2, 64, 16, dtype
    )
    for dtype in ITEM_SIZES
)
"""Small ones that are run in the interpreter too."""
