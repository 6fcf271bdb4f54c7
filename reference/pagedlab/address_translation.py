"""Stage 3. From token positions to slots of the KV cache, and back.

Two of the three levels of address translation: position -> logical block -> slot. The third, from
a slot to an element in memory, is `kv_cache_layout.py`. Read next in vLLM: `compute_slot_mapping`
of `BlockTable` in `vllm/v1/worker/block_table.py`. Stricter here: an unmapped position raises.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from pagedlab.errors import UnknownSlot, UnmappedPosition

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
    # BEGIN SOLUTION
    _check_block_size(block_size)
    if position < 0:
        raise UnmappedPosition(f"there is no position {position}")
    return divmod(position, block_size)
    # END SOLUTION


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
    # BEGIN SOLUTION
    block, offset = position_to_block(position, block_size)
    if block >= len(block_table):
        raise UnmappedPosition(f"position {position} lies behind {len(block_table)} blocks")
    return block_table[block] * block_size + offset
    # END SOLUTION


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
    # BEGIN SOLUTION
    _check_block_size(block_size)
    if slot < 0:
        raise UnknownSlot(f"there is no slot {slot}")
    return divmod(slot, block_size)
    # END SOLUTION


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
    # BEGIN SOLUTION
    wanted, offset = slot_to_block(slot, block_size)
    for request, (table, count) in enumerate(zip(block_tables, num_tokens, strict=True)):
        for logical, physical in enumerate(table):
            position = logical * block_size + offset
            if physical == wanted and position < count:
                return request, position
    return None
    # END SOLUTION


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
    # BEGIN SOLUTION
    _check_block_size(block_size)
    num_requests = query_start_loc.numel() - 1
    if num_requests > block_table.shape[0]:
        raise ValueError(f"{num_requests} requests, {block_table.shape[0]} rows")
    slots = torch.full_like(positions, PAD_SLOT_ID, dtype=torch.int64)
    num_tokens = int(query_start_loc[-1].item())
    positions = positions[:num_tokens]
    blocks = torch.div(positions, block_size, rounding_mode="floor")
    if num_tokens:
        first, last = blocks.aminmax()
        if first < 0 or last >= block_table.shape[1]:
            raise UnmappedPosition(f"the tables reach over {block_table.shape[1]} blocks")
    requests = torch.arange(num_requests, device=positions.device)
    rows = requests.repeat_interleave(query_start_loc.diff(), output_size=num_tokens)
    physical = block_table[rows, blocks].to(torch.int64)
    slots[:num_tokens] = physical * block_size + (positions - blocks * block_size)
    return slots
    # END SOLUTION


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
    # BEGIN SOLUTION
    _check_block_size(block_size)
    blocks = torch.div(slots, block_size, rounding_mode="floor")
    offsets = slots - blocks * block_size
    padding = slots == PAD_SLOT_ID
    return blocks.masked_fill(padding, PAD_SLOT_ID), offsets.masked_fill(padding, PAD_SLOT_ID)
    # END SOLUTION


# BEGIN SOLUTION
def _check_block_size(block_size: int) -> None:
    if block_size < 1:
        raise ValueError(f"a block holds at least one position, not {block_size}")


# END SOLUTION
