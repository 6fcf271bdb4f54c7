"""Stands in for stage 2 while a later stage is graded by itself. Not a solution.

It does what the contract asks of a table that is used properly: it notices no misuse, and writes
all rows anew, entry by entry, whatever was changed.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class BlockTable:
    def __init__(self, max_num_reqs: int, max_num_blocks_per_req: int) -> None:
        self.lists: list[list[int]] = [[] for _ in range(max_num_reqs)]
        self.array = np.zeros((max_num_reqs, max_num_blocks_per_req), dtype=np.int32)
        self.num_blocks_per_row = np.zeros(max_num_reqs, dtype=np.int32)

    def write_everything(self) -> None:
        for row in range(len(self.lists)):
            self.num_blocks_per_row[row] = len(self.lists[row])
            for column in range(self.array.shape[1]):
                known = column < len(self.lists[row])
                self.array[row, column] = self.lists[row][column] if known else 0

    def append_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        self.lists[row_idx] = self.lists[row_idx] + list(block_ids)
        self.write_everything()

    def add_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        self.lists[row_idx] = list(block_ids)
        self.write_everything()

    def clear_row(self, row_idx: int) -> None:
        self.lists[row_idx] = []
        self.write_everything()

    def move_row(self, src: int, tgt: int) -> None:
        moved = self.lists[src]
        self.lists[src] = []
        self.lists[tgt] = moved
        self.write_everything()

    def swap_row(self, src: int, tgt: int) -> None:
        self.lists[src], self.lists[tgt] = self.lists[tgt], self.lists[src]
        self.write_everything()

    def get_numpy_array(self) -> npt.NDArray[np.int32]:
        return self.array
