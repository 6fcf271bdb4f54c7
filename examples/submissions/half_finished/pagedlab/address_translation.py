"""Stage 3. From token positions to slots of the KV cache, and back.

Two of the three levels of address translation: position -> logical block -> slot. The third, from
a slot to an element in memory, is `kv_cache_layout.py`. Read next in vLLM: `compute_slot_mapping`
of `BlockTable` in `vllm/v1/worker/block_table.py`. Stricter here: an unmapped position raises.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

PAD_SLOT_ID = -1
"""Stands for the slot of a padding token: nothing is written for it."""


def position_to_block(position: int, block_size: int) -> tuple[int, int]:
    """Find where in its request's blocks a token position lies.

    Args:
        position: of a token in its request, from 0.
        block_size: token positions a block.

    Returns:
        The logical block, and the offset in it.

    Raises:
        ValueError: `block_size` is below 1.
        UnmappedPosition: the position is negative.
    """
    raise NotImplementedError("Stage 3 · position_to_block is not written yet")


def position_to_slot(position: int, block_table: Sequence[int], block_size: int) -> int:
    """Translate one position of one request.

    Example:
        >>> [position_to_slot(position, [5, 2], block_size=4) for position in (3, 4)]
        [23, 8]

    Args:
        position: of a token in its request, from 0.
        block_table: the physical block of each logical block of the request.
        block_size: token positions a block.

    Returns:
        The slot: physical block x block size + offset.

    Raises:
        ValueError: `block_size` is below 1.
        UnmappedPosition: the position is negative, or the table has no block for it.
    """
    raise NotImplementedError("Stage 3 · position_to_slot is not written yet")


def slot_to_block(slot: int, block_size: int) -> tuple[int, int]:
    """Split a slot: the inverse of the step from a physical block to a slot.

    Args:
        slot: of the KV cache; not that of padding.
        block_size: token positions a block.

    Returns:
        The physical block, and the offset in it.

    Raises:
        ValueError: `block_size` is below 1.
        UnknownSlot: the slot is negative.
    """
    raise NotImplementedError("Stage 3 · slot_to_block is not written yet")


def find_owner(
    slot: int, block_tables: Sequence[Sequence[int]], num_tokens: Sequence[int], block_size: int
) -> tuple[int, int] | None:
    """Say whose KV lies in a slot: the inverse of `position_to_slot`, over all requests.

    Args:
        slot: of the KV cache; not that of padding.
        block_tables: of each request; behind the blocks that it needs, entries mean nothing.
        num_tokens: of each request, how many of its tokens have their KV in the cache.
        block_size: token positions a block.

    Returns:
        A request, as its index in `block_tables`, and the position of its token. Any that fits if
        the block is shared; None if the slot holds no token of any request.

    Raises:
        ValueError: `block_size` is below 1.
        UnknownSlot: the slot is negative.
    """
    raise NotImplementedError("Stage 3 · find_owner is not written yet")


def compute_slot_mapping(
    block_table: torch.Tensor,
    query_start_loc: torch.Tensor,
    positions: torch.Tensor,
    block_size: int,
) -> torch.Tensor:
    """Translate the tokens of a ragged batch, all at once: vLLM's `compute_slot_mapping`.

    Request r computes the tokens `query_start_loc[r] ... query_start_loc[r + 1] - 1`, which may be
    none. Tokens from `query_start_loc[-1]` on are padding, and their positions mean nothing. No
    loop over tokens or requests. The arguments stay as they are.

    Args:
        block_table: int32 [rows, blocks], any strides; row r is request r's. There may be more
            rows than requests, and behind a request's blocks entries mean nothing.
        query_start_loc: int32 [requests + 1], from 0, ascending.
        positions: int64 [tokens], the position of each token in its own request.
        block_size: token positions a block.

    Returns:
        int64 [tokens]: the slot of each token, `PAD_SLOT_ID` for padding.

    Raises:
        ValueError: `block_size` is below 1, or there are more requests than rows.
        UnmappedPosition: a position is negative or behind the table's last column.
    """
    raise NotImplementedError("Stage 3 · compute_slot_mapping is not written yet")


def split_slots(slots: torch.Tensor, block_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Split the slots of a batch: the inverse of `compute_slot_mapping`'s last step.

    Args:
        slots: int64 [tokens], `PAD_SLOT_ID` for padding.
        block_size: token positions a block.

    Returns:
        int64 [tokens] each: the physical block, and the offset in it; both `PAD_SLOT_ID` for
        padding.

    Raises:
        ValueError: `block_size` is below 1.
    """
    raise NotImplementedError("Stage 3 · split_slots is not written yet")
