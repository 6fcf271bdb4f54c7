"""Stage 2. The batch's block tables as a kernel wants them: one int32 array, a row a request.

Read next in vLLM: `vllm/v1/worker/block_table.py`. Simplified here: the array stays on the host,
and slot mapping is stage 3's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class BlockTable:
    """Owns one int32 array of shape [max_num_reqs, max_num_blocks_per_req].

    Row r holds the block ids of the request at place r of the batch, in logical order; all entries
    behind them are 0, the null block, so that a kernel may read the whole row. An operation changes
    the rows that it names and no other.

    Example:
        >>> table = BlockTable(max_num_reqs=2, max_num_blocks_per_req=4)
        >>> table.add_row([5, 2], row_idx=0)
        >>> table.append_row([7], row_idx=0)
        >>> table.move_row(0, 1)
        >>> table.get_numpy_array().tolist()
        [[0, 0, 0, 0], [5, 2, 7, 0]]
    """

    num_blocks_per_row: npt.NDArray[np.int32]
    """How many block ids each row holds: int32, of shape [max_num_reqs]."""

    def __init__(self, max_num_reqs: int, max_num_blocks_per_req: int) -> None:
        """Make a table of empty rows.

        Args:
            max_num_reqs: number of rows.
            max_num_blocks_per_req: number of block ids that a row can hold.

        Raises:
            ValueError: one of them is below 1.
        """
        # BEGIN SOLUTION
        if max_num_reqs < 1 or max_num_blocks_per_req < 1:
            raise ValueError(f"no table of {max_num_reqs} x {max_num_blocks_per_req} blocks")
        self._table = np.zeros((max_num_reqs, max_num_blocks_per_req), dtype=np.int32)
        self.num_blocks_per_row = np.zeros(max_num_reqs, dtype=np.int32)
        # END SOLUTION

    def append_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        """Put block ids behind those of a row. Costs O(1) an id, however long the row is.

        Args:
            block_ids: ids, each 0 <= id < 2**31; there may be none.
            row_idx: index of the row.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
            ValueError: the row has no room for them, or an id is out of range; nothing changes.
        """
        # BEGIN SOLUTION
        self._check_rows(row_idx)
        start = int(self.num_blocks_per_row[row_idx])
        self._write(block_ids, row_idx, start)
        # END SOLUTION

    def add_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        """Let a row hold these block ids and nothing else, whatever it held.

        Args:
            block_ids: ids, each 0 <= id < 2**31; there may be none.
            row_idx: index of the row.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
            ValueError: the row has no room for them, or an id is out of range; nothing changes.
        """
        # BEGIN SOLUTION
        self._check_rows(row_idx)
        before = int(self.num_blocks_per_row[row_idx])
        self._write(block_ids, row_idx, 0)
        self._table[row_idx, len(block_ids) : before] = 0
        # END SOLUTION

    def clear_row(self, row_idx: int) -> None:
        """Let a row hold no block.

        Args:
            row_idx: index of the row.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
        """
        # BEGIN SOLUTION
        self._check_rows(row_idx)
        self._table[row_idx, : self.num_blocks_per_row[row_idx]] = 0
        self.num_blocks_per_row[row_idx] = 0
        # END SOLUTION

    def move_row(self, src: int, tgt: int) -> None:
        """Let row `tgt` hold what row `src` holds, and row `src` nothing.

        Args:
            src: index of the row to move.
            tgt: index of the row that it replaces; a row that is moved to itself stays.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
        """
        # BEGIN SOLUTION
        self._check_rows(src, tgt)
        if src == tgt:
            return
        longest = max(self.num_blocks_per_row[src], self.num_blocks_per_row[tgt])
        self._table[tgt, :longest] = self._table[src, :longest]
        self.num_blocks_per_row[tgt] = self.num_blocks_per_row[src]
        self.clear_row(src)
        # END SOLUTION

    def swap_row(self, src: int, tgt: int) -> None:
        """Exchange what two rows hold.

        Args:
            src: index of one row.
            tgt: index of the other; a row may be swapped with itself.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
        """
        # BEGIN SOLUTION
        self._check_rows(src, tgt)
        longest = max(self.num_blocks_per_row[src], self.num_blocks_per_row[tgt])
        rows = [src, tgt]
        # Indexing by a list copies, so that neither row is read after it was written.
        self._table[rows, :longest] = self._table[rows[::-1], :longest]
        self.num_blocks_per_row[rows] = self.num_blocks_per_row[rows[::-1]]
        # END SOLUTION

    def get_numpy_array(self) -> npt.NDArray[np.int32]:
        """The table itself, not a copy: int32, of shape [max_num_reqs, max_num_blocks_per_req].

        It is the same array for the table's whole life, so what later operations change is seen
        in it. For reading only.
        """
        # BEGIN SOLUTION
        return self._table
        # END SOLUTION

    # BEGIN SOLUTION
    def _check_rows(self, *rows: int) -> None:
        for row in rows:
            if not 0 <= row < len(self._table):
                raise IndexError(f"row {row} of {len(self._table)}")

    def _write(self, block_ids: Sequence[int], row: int, start: int) -> None:
        """Write ids from column `start` on, and end the row behind them."""
        end = start + len(block_ids)
        if end > self._table.shape[1]:
            raise ValueError(f"{end} blocks in a row of {self._table.shape[1]}")
        if len(block_ids) and not 0 <= min(block_ids) <= max(block_ids) < 2**31:
            raise ValueError(f"a block id of row {row} fits no int32: {block_ids}")
        self._table[row, start:end] = block_ids
        self.num_blocks_per_row[row] = end

    # END SOLUTION
