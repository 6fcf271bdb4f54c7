"""The reference's own tests of stage 3, part one: positions, slots, batches."""

from __future__ import annotations

import pytest
import torch

from pagedlab.address_translation import (
    PAD_SLOT_ID,
    compute_slot_mapping,
    find_owner,
    position_to_block,
    position_to_slot,
    slot_to_block,
    split_slots,
)
from pagedlab.errors import UnknownSlot, UnmappedPosition

TABLE = [[5, 2, 7], [1, 9, 4], [8, 3, 6]]


def mapped(
    table: list[list[int]], lengths: list[int], positions: list[int], block_size: int
) -> list[int]:
    """The slot mapping of a batch, as a list."""
    starts = torch.tensor([0, *lengths]).cumsum(0).to(torch.int32)
    rows = torch.tensor(table, dtype=torch.int32)
    slots = compute_slot_mapping(rows, starts, torch.tensor(positions), block_size)
    assert slots.dtype is torch.int64
    found: list[int] = slots.tolist()
    return found


def test_a_position_lies_in_a_block_at_an_offset() -> None:
    assert [position_to_block(p, 5) for p in (0, 4, 5, 12)] == [(0, 0), (0, 4), (1, 0), (2, 2)]


def test_a_slot_lies_in_a_block_at_an_offset() -> None:
    assert [slot_to_block(slot, 5) for slot in (0, 4, 5, 12)] == [(0, 0), (0, 4), (1, 0), (2, 2)]


def test_the_table_leads_from_positions_to_slots() -> None:
    assert [position_to_slot(p, [5, 2], 4) for p in range(8)] == [20, 21, 22, 23, 8, 9, 10, 11]
    assert position_to_slot(7, [0, 3, 1], 3) == 4


@pytest.mark.parametrize("position", [-1, 8, 9, 100])
def test_a_position_outside_the_table_raises(position: int) -> None:
    with pytest.raises(UnmappedPosition):
        position_to_slot(position, [5, 2], 4)


def test_negative_numbers_and_empty_blocks_raise() -> None:
    with pytest.raises(UnmappedPosition):
        position_to_block(-1, 4)
    with pytest.raises(UnknownSlot):
        slot_to_block(-1, 4)
    with pytest.raises(ValueError):
        position_to_block(0, 0)


def test_the_owner_of_a_slot_is_found_by_its_tokens() -> None:
    tables, tokens = [[5, 2], [7, 3]], [6, 8]
    assert find_owner(21, tables, tokens, 4) == (0, 1)
    assert find_owner(9, tables, tokens, 4) == (0, 5)
    assert find_owner(15, tables, tokens, 4) == (1, 7)
    assert find_owner(10, tables, tokens, 4) is None
    assert find_owner(0, tables, tokens, 4) is None
    assert find_owner(14, [[5], [7, 3]], [4, 6], 4) is None


def test_a_ragged_batch_is_translated_request_by_request() -> None:
    assert mapped(TABLE, [3, 2, 1], [2, 3, 4, 0, 11, 7], 4) == [22, 23, 8, 4, 19, 15]
    assert mapped(TABLE, [1, 1, 1], [0, 4, 8], 4) == [20, 36, 24]
    assert mapped(TABLE, [0, 2, 0], [4, 5], 5) == [9, 45]
    assert mapped(TABLE, [1, 0, 2], [0, 8, 3], 3) == [15, 20, 9]


def test_padding_has_no_slot_whatever_its_position_says() -> None:
    assert mapped(TABLE, [1, 1], [3, 4, 0, 99, -5], 4) == [23, 36, -1, -1, -1]
    assert mapped(TABLE, [], [7], 4) == [PAD_SLOT_ID]


def test_a_table_is_read_through_its_strides() -> None:
    wide = torch.full((2, 6), 999, dtype=torch.int32)
    wide[:, :4:2] = torch.tensor([[5, 2], [7, 1]])
    starts, positions = torch.tensor([0, 2, 4], dtype=torch.int32), torch.tensor([0, 7, 4, 3])
    assert compute_slot_mapping(wide[:, :4:2], starts, positions, 4).tolist() == [20, 11, 4, 31]


@pytest.mark.parametrize("position", [-1, 12, 13])
def test_a_batch_with_an_unmapped_position_raises(position: int) -> None:
    with pytest.raises(UnmappedPosition):
        mapped(TABLE, [1, 1, 1], [0, position, 0], 4)


def test_more_requests_than_rows_raise() -> None:
    with pytest.raises(ValueError):
        mapped(TABLE, [1, 1, 1, 0], [0, 0, 0], 4)


def test_slots_beyond_32_bits_are_exact() -> None:
    assert mapped([[3, 1 << 27]], [2], [16, 31], 16) == [1 << 31, (1 << 31) + 15]


def test_splitting_is_the_inverse_of_translating() -> None:
    slots = mapped(TABLE, [5, 3], [0, 3, 4, 7, 11, 0, 5, 9, 0], 4)
    blocks, offsets = (part.tolist() for part in split_slots(torch.tensor(slots), 4))
    assert blocks == [5, 5, 2, 2, 7, 1, 9, 4, -1]
    assert offsets == [0, 3, 0, 3, 3, 0, 1, 1, -1]


def test_arguments_stay_as_they_are() -> None:
    positions = torch.tensor([3, 4, 77])
    starts, rows = torch.tensor([0, 2], dtype=torch.int32), torch.tensor(
        [[5, 2]], dtype=torch.int32
    )
    compute_slot_mapping(rows, starts, positions, 4)
    assert (positions.tolist(), starts.tolist(), rows.tolist()) == ([3, 4, 77], [0, 2], [[5, 2]])
