"""A ragged batch as plain data: what the judge, the worker and a failure report all speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

CACHE_LAYOUTS = ("nhd", "hnd", "mixed", "fused", "gaps", "dims_apart")
"""How a cache lies in memory; its axes are always [blocks, block size, KV heads, head size].

`nhd`: in this order. `hnd`: heads outside the block's tokens. `mixed`: K nhd, V hnd. `fused`: K and
V of a block side by side in one piece of memory. `gaps`: with room behind each head. `dims_apart`:
dims outside heads.
"""
POISONS = ("nan", "huge")
"""What lies in slots that hold no token: NaN, or large numbers that a lost mask lets through."""


@dataclass(frozen=True)
class BatchSpec:
    """One batch. The numbers in it follow from this alone.

    Attributes:
        seq_lens: tokens of each sequence, the computed ones included.
        query_lens: computed tokens of each sequence.
        num_heads: query heads.
        num_kv_heads: of the cache.
        head_size: elements of a head's vector.
        block_size: token positions a block.
        dtype: "float16", "bfloat16" or "float32".
        seed: makes the numbers and the order of the blocks.
        layout: one of CACHE_LAYOUTS.
        poison: one of POISONS.
        table_step: every so-manieth column in memory is one of the table.
        spare: rows of the table, columns and blocks beyond what is needed.
        padding: tokens of the query behind the last sequence's.
        columns: of the table at least; 0 for as many as are needed.
        query_room: heads between one token's query and the next, as in a fused QKV.
        shared: blocks that all sequences have in common at their beginning.
        gain: of the scores; 1 gives them a standard deviation near 3.
    """

    seq_lens: tuple[int, ...]
    query_lens: tuple[int, ...]
    num_heads: int = 2
    num_kv_heads: int = 1
    head_size: int = 64
    block_size: int = 16
    dtype: str = "float32"
    seed: int = 0
    layout: str = "nhd"
    poison: str = "nan"
    table_step: int = 1
    spare: int = 1
    padding: int = 0
    columns: int = 0
    query_room: int = 0
    shared: int = 0
    gain: float = 1.0

    @property
    def group(self) -> int:
        """Query heads a KV head."""
        return self.num_heads // self.num_kv_heads

    @property
    def num_tokens(self) -> int:
        """Rows of the query, padding included."""
        return sum(self.query_lens) + self.padding

    @property
    def starts(self) -> list[int]:
        """`query_start_loc`."""
        return [sum(self.query_lens[:index]) for index in range(len(self.query_lens) + 1)]

    def blocks_of(self, sequence: int) -> int:
        """Blocks that a sequence holds."""
        return -(-self.seq_lens[sequence] // self.block_size)

    def changed(self) -> dict[str, Any]:
        """The fields that are not as they are by default, as JSON has them."""
        default = BatchSpec((), ())
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != getattr(default, name)
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BatchSpec:
        """The inverse of `changed`."""
        lists = {key: tuple(data[key]) for key in ("seq_lens", "query_lens")}
        return cls(**{**data, **lists})


@dataclass(frozen=True)
class WriteSpec:
    """One batch of tokens to be written into a cache. Every number in it is another one.

    Attributes:
        slots: of each token; -1 for padding.
        num_blocks: of the cache.
        first: the tokens' numbers begin here.
    """

    slots: tuple[int, ...]
    num_blocks: int = 4
    num_kv_heads: int = 2
    head_size: int = 64
    block_size: int = 4
    dtype: str = "float32"
    layout: str = "nhd"
    fused_input: bool = False
    first: int = field(default=1)

    def changed(self) -> dict[str, Any]:
        """The fields that are not as they are by default, as JSON has them."""
        default = WriteSpec(())
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != getattr(default, name)
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WriteSpec:
        """The inverse of `changed`."""
        return cls(**{**data, "slots": tuple(data.get("slots", ()))})
