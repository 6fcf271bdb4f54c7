"""Lists and loops throughout: slow, and right."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from pagedlab.errors import UnknownSlot, UnmappedPosition

PAD_SLOT_ID = -1


def position_to_block(position: int, block_size: int) -> tuple[int, int]:
    if block_size <= 0:
        raise ValueError("block size")
    if position < 0:
        raise UnmappedPosition(str(position))
    return position // block_size, position % block_size


def position_to_slot(position: int, block_table: Sequence[int], block_size: int) -> int:
    logical, offset = position_to_block(position, block_size)
    try:
        return block_table[logical] * block_size + offset
    except IndexError:
        raise UnmappedPosition(str(position)) from None


def slot_to_block(slot: int, block_size: int) -> tuple[int, int]:
    if block_size <= 0:
        raise ValueError("block size")
    if slot < 0:
        raise UnknownSlot(str(slot))
    return slot // block_size, slot % block_size


def find_owner(
    slot: int, block_tables: Sequence[Sequence[int]], num_tokens: Sequence[int], block_size: int
) -> tuple[int, int] | None:
    slot_to_block(slot, block_size)
    for request in reversed(range(len(block_tables))):
        for position in range(num_tokens[request]):
            if position_to_slot(position, block_tables[request], block_size) == slot:
                return (request, position)
    return None


def compute_slot_mapping(
    block_table: torch.Tensor,
    query_start_loc: torch.Tensor,
    positions: torch.Tensor,
    block_size: int,
) -> torch.Tensor:
    table, starts = block_table.tolist(), query_start_loc.tolist()
    if block_size < 1 or len(starts) - 1 > len(table):
        raise ValueError("batch")
    slots = []
    for token, position in enumerate(positions.tolist()):
        requests = [r for r in range(len(starts) - 1) if starts[r] <= token < starts[r + 1]]
        slots.append(position_to_slot(position, table[requests[0]], block_size) if requests else -1)
    return torch.tensor(slots, dtype=torch.int64)


def split_slots(slots: torch.Tensor, block_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    if block_size < 1:
        raise ValueError("block size")
    pairs = [(-1, -1) if slot == -1 else divmod(slot, block_size) for slot in slots.tolist()]
    both = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
