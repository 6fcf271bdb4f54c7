"""The reference's own tests of the batched table: behaviour, never internals."""

from __future__ import annotations

import numpy as np
import pytest

from pagedlab.block_table import BlockTable

State = tuple[list[list[int]], list[int]]


def state(table: BlockTable) -> State:
    return table.get_numpy_array().tolist(), table.num_blocks_per_row.tolist()


def two_rows() -> BlockTable:
    table = BlockTable(4, 4)
    table.add_row([5, 2, 7], 0)
    table.add_row([3], 1)
    return table


def test_a_new_table_is_int32_and_empty() -> None:
    table = BlockTable(2, 3)
    assert state(table) == ([[0, 0, 0], [0, 0, 0]], [0, 0])
    assert table.get_numpy_array().dtype == np.int32
    assert table.num_blocks_per_row.dtype == np.int32
    for sizes in ((0, 3), (3, 0)):
        with pytest.raises(ValueError):
            BlockTable(*sizes)


def test_ids_are_appended_behind_those_of_the_row() -> None:
    table = two_rows()
    table.append_row([8], 0)
    table.append_row([], 1)
    table.append_row([4, 9], 1)
    assert state(table) == ([[5, 2, 7, 8], [3, 4, 9, 0], [0] * 4, [0] * 4], [4, 3, 0, 0])


def test_a_row_that_is_added_replaces_what_was_there() -> None:
    table = two_rows()
    table.add_row([9], 0)
    assert state(table) == ([[9, 0, 0, 0], [3, 0, 0, 0], [0] * 4, [0] * 4], [1, 1, 0, 0])
    table.append_row([6], 0)
    assert state(table)[0][0] == [9, 6, 0, 0]


def test_a_cleared_row_is_all_zeros() -> None:
    table = two_rows()
    table.clear_row(0)
    table.append_row([6], 0)
    assert state(table) == ([[6, 0, 0, 0], [3, 0, 0, 0], [0] * 4, [0] * 4], [1, 1, 0, 0])


def test_moving_replaces_the_target_and_clears_the_source() -> None:
    table = two_rows()
    table.move_row(1, 0)
    assert state(table) == ([[3, 0, 0, 0], [0] * 4, [0] * 4, [0] * 4], [1, 0, 0, 0])
    table.move_row(0, 0)
    assert state(table)[1] == [1, 0, 0, 0] and state(table)[0][0] == [3, 0, 0, 0]
    table = two_rows()
    table.move_row(0, 1)
    assert state(table) == ([[0] * 4, [5, 2, 7, 0], [0] * 4, [0] * 4], [0, 3, 0, 0])


def test_swapping_exchanges_ids_and_counts() -> None:
    table = two_rows()
    table.swap_row(0, 1)
    table.append_row([6], 0)
    assert state(table) == ([[3, 6, 0, 0], [5, 2, 7, 0], [0] * 4, [0] * 4], [2, 3, 0, 0])
    table.swap_row(1, 1)
    assert state(table)[0][1] == [5, 2, 7, 0]


def test_large_ids_stay_whole() -> None:
    table = BlockTable(1, 3)
    table.add_row([70_000, 2**24 + 1, 2**31 - 1], 0)
    assert state(table)[0] == [[70_000, 2**24 + 1, 2**31 - 1]]


def test_the_array_is_the_same_for_life() -> None:
    table = BlockTable(2, 2)
    array = table.get_numpy_array()
    table.add_row([1, 2], 0)
    table.swap_row(0, 1)
    assert array.tolist() == [[0, 0], [1, 2]]


def test_what_a_row_cannot_take_changes_nothing() -> None:
    table = two_rows()
    before = state(table)
    for ids in ([8, 9], [2**31], [-1], [8, -1]):
        with pytest.raises(ValueError):
            table.append_row(ids, 0)
    for ids in ([1, 2, 3, 4, 5], [2**31], [-1]):
        with pytest.raises(ValueError):
            table.add_row(ids, 0)
    assert state(table) == before


@pytest.mark.parametrize("row", [-1, 4])
def test_there_is_no_row_outside_the_table(row: int) -> None:
    table = two_rows()
    before = state(table)
    with pytest.raises(IndexError):
        table.append_row([1], row)
    with pytest.raises(IndexError):
        table.add_row([1], row)
    with pytest.raises(IndexError):
        table.clear_row(row)
    for pair in ((0, row), (row, 0)):
        with pytest.raises(IndexError):
            table.move_row(*pair)
        with pytest.raises(IndexError):
            table.swap_row(*pair)
    assert state(table) == before
