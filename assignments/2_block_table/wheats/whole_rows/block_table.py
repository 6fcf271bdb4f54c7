"""A batched table that always writes whole rows: slices of ids and zeros, and permutations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class BlockTable:
    num_blocks_per_row: npt.NDArray[np.int32]

    def __init__(self, max_num_reqs: int, max_num_blocks_per_req: int) -> None:
        if min(max_num_reqs, max_num_blocks_per_req) < 1:
            raise ValueError("no rows or no columns")
        self.rows = np.zeros((max_num_reqs, max_num_blocks_per_req), np.int32)
        self.num_blocks_per_row = np.zeros(max_num_reqs, np.int32)

    def append_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        row = self._row(row_idx)
        self.add_row([*row[: self.num_blocks_per_row[row_idx]].tolist(), *block_ids], row_idx)

    def add_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        row = self._row(row_idx)
        missing = len(row) - len(block_ids)
        if missing < 0 or any(not 0 <= key <= 0x7FFFFFFF for key in block_ids):
            raise ValueError("too many ids, or one that is too large or too small")
        row[:] = [*block_ids, *[0] * missing]
        self.num_blocks_per_row[row_idx] = len(block_ids)

    def clear_row(self, row_idx: int) -> None:
        self.add_row([], row_idx)

    def move_row(self, src: int, tgt: int) -> None:
        self.swap_row(src, tgt)
        if src != tgt:
            self.clear_row(src)

    def swap_row(self, src: int, tgt: int) -> None:
        self._row(src), self._row(tgt)
        for array in (self.rows, self.num_blocks_per_row):
            array[[src, tgt]] = array[[tgt, src]]

    def get_numpy_array(self) -> npt.NDArray[np.int32]:
        return self.rows

    def _row(self, index: int) -> npt.NDArray[np.int32]:
        if index < 0:
            raise IndexError(index)
        row: npt.NDArray[np.int32] = self.rows[index]
        return row
