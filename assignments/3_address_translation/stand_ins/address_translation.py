"""Stand-in of stage 3 for the stages above it. Right where it is used properly, and no more: loops,
no padding, no checks, and nothing that a later stage does not call."""

import torch

PAD_SLOT_ID = -1


def compute_slot_mapping(
    block_table: torch.Tensor,
    query_start_loc: torch.Tensor,
    positions: torch.Tensor,
    block_size: int,
) -> torch.Tensor:
    slots = torch.empty(len(positions), dtype=torch.int64)
    for r in range(len(query_start_loc) - 1):
        for t in range(int(query_start_loc[r]), int(query_start_loc[r + 1])):
            p = int(positions[t])
            slots[t] = int(block_table[r][p // block_size]) * block_size + p % block_size
    return slots
