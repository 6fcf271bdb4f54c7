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
        raise NotImplementedError("Stage 2 · BlockTable.__init__ is not written yet")

    def append_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        """Put block ids behind those of a row. Costs O(1) an id, however long the row is.

        Args:
            block_ids: ids, each 0 <= id < 2**31; there may be none.
            row_idx: index of the row.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
            ValueError: the row has no room for them, or an id is out of range; nothing changes.
        """
        raise NotImplementedError("Stage 2 · BlockTable.append_row is not written yet")

    def add_row(self, block_ids: Sequence[int], row_idx: int) -> None:
        """Let a row hold these block ids and nothing else, whatever it held.

        Args:
            block_ids: ids, each 0 <= id < 2**31; there may be none.
            row_idx: index of the row.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
            ValueError: the row has no room for them, or an id is out of range; nothing changes.
        """
        raise NotImplementedError("Stage 2 · BlockTable.add_row is not written yet")

    def clear_row(self, row_idx: int) -> None:
        """Let a row hold no block.

        Args:
            row_idx: index of the row.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
        """
        raise NotImplementedError("Stage 2 · BlockTable.clear_row is not written yet")

    def move_row(self, src: int, tgt: int) -> None:
        """Let row `tgt` hold what row `src` holds, and row `src` nothing.

        Args:
            src: index of the row to move.
            tgt: index of the row that it replaces; a row that is moved to itself stays.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
        """
        raise NotImplementedError("Stage 2 · BlockTable.move_row is not written yet")

    def swap_row(self, src: int, tgt: int) -> None:
        """Exchange what two rows hold.

        Args:
            src: index of one row.
            tgt: index of the other; a row may be swapped with itself.

        Raises:
            IndexError: there is no row of that index; negative ones do not count from the end.
        """
        raise NotImplementedError("Stage 2 · BlockTable.swap_row is not written yet")

    def get_numpy_array(self) -> npt.NDArray[np.int32]:
        """The table itself, not a copy: int32, of shape [max_num_reqs, max_num_blocks_per_req].

        It is the same array for the table's whole life, so what later operations change is seen
        in it. For reading only.
        """
        raise NotImplementedError("Stage 2 · BlockTable.get_numpy_array is not written yet")
