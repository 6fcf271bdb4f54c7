"""A batched table in a buffer of the standard library; numpy only looks at it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class BlockTable:
    num_blocks_per_row: npt.NDArray[np.int32]

    def __init__(self, max_num_reqs: int, max_num_blocks_per_req: int) -> None:
        if max_num_reqs <= 0 or max_num_blocks_per_req <= 0:
            raise ValueError("a table has rows and columns")
        self._height, self._width = max_num_reqs, max_num_blocks_per_req
        self._ids = array("i", bytes(4 * self._height * self._width))
        self._counts = array("i", bytes(4 * self._height))
        self._view = np.frombuffer(self._ids, dtype=np.int32).reshape(self._height, self._width)
        self.num_blocks_per_row = np.frombuffer(self._counts, dtype=np.int32)

    def append_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        self._check(row_idx)
        self._put(row_idx, self._counts[row_idx], block_ids)

    def add_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        self._check(row_idx)
        old = self._counts[row_idx]
        self._put(row_idx, 0, block_ids)
        for column in range(len(block_ids), old):
            self._ids[row_idx * self._width + column] = 0

    def clear_row(self, row_idx: int) -> None:
        self.add_row((), row_idx)

    def move_row(self, src: int, tgt: int) -> None:
        self._check(src)
        self._check(tgt)
        if src != tgt:
            self.add_row(self._held(src), tgt)
            self.clear_row(src)

    def swap_row(self, src: int, tgt: int) -> None:
        self._check(src)
        self._check(tgt)
        first, second = self._held(src), self._held(tgt)
        self.add_row(second, src)
        self.add_row(first, tgt)

    def get_numpy_array(self) -> npt.NDArray[np.int32]:
        return self._view

    def _check(self, row: int) -> None:
        if row not in range(self._height):
            raise IndexError(f"no row {row}")

    def _held(self, row: int) -> list[int]:
        begin = row * self._width
        return self._ids[begin : begin + self._counts[row]].tolist()

    def _put(self, row: int, column: int, block_ids: Sequence[int]) -> None:
        if column + len(block_ids) > self._width:
            raise ValueError("the row is full")
        try:
            new = array("i", block_ids)
        except OverflowError:
            raise ValueError("an id that is no int32") from None
        if any(key < 0 for key in new):
            raise ValueError("a negative id")
        for offset, key in enumerate(new):
            self._ids[row * self._width + column + offset] = key
        self._counts[row] = column + len(new)
