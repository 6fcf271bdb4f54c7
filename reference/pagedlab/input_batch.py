"""Stage 7. The batch: which requests run, the block table of each, and what a step's pass reads.

Read next in vLLM: `vllm/v1/worker/gpu_input_batch.py` (`InputBatch`: `add_request`,
`remove_request`, `condense`) and `_prepare_inputs` of `vllm/v1/worker/gpu_model_runner.py`.
Simplified here: tokens stay with their requests, and padding is left to the kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pagedlab.address_translation import compute_slot_mapping
from pagedlab.block_table import BlockTable


@dataclass(frozen=True)
class ModelInputs:
    """One ragged batch, as model and attention read it. Given.

    Attributes:
        req_ids: the requests, in the order of the rows.
        token_ids: int64 [tokens], request after request.
        positions: int64 [tokens], of each token in its own request.
        query_start_loc: int32 [requests + 1]: request r's tokens are
            query_start_loc[r] ... query_start_loc[r + 1] - 1.
        seq_lens: int32 [requests]: tokens of each whose KV is in the cache after the step.
        block_table: int32 [requests, columns], as many columns as the longest request needs.
        slot_mapping: int64 [tokens]: where the KV of each goes.
    """

    req_ids: tuple[str, ...]
    token_ids: Tensor
    positions: Tensor
    query_start_loc: Tensor
    seq_lens: Tensor
    block_table: Tensor
    slot_mapping: Tensor


class InputBatch:
    """Owns one row of stage 2's `BlockTable` for each request that runs, whatever its order.

    Rows are kept from step to step, so that a step writes what is new and nothing else. A
    request that runs without being scheduled keeps its row.

    Example:
        >>> batch = InputBatch(max_num_reqs=2, max_num_blocks_per_req=4, block_size=2)
        >>> batch.add_request("a", [5])
        >>> batch.append_block_ids("a", [3])
        >>> inputs = batch.prepare_inputs({"a": [7, 8, 9]}, {"a": 0})
        >>> inputs.positions.tolist(), inputs.slot_mapping.tolist(), inputs.block_table.tolist()
        ([0, 1, 2], [10, 11, 6], [[5, 3]])
    """

    def __init__(self, max_num_reqs: int, max_num_blocks_per_req: int, block_size: int) -> None:
        """Make a batch without requests.

        Args:
            max_num_reqs: most requests that run at the same time.
            max_num_blocks_per_req: blocks that the longest request needs.
            block_size: tokens in a block.
        """
        # BEGIN SOLUTION
        self._block_size = block_size
        self._table = BlockTable(max_num_reqs, max_num_blocks_per_req)
        self._req_ids: list[str] = []  # by row
        self._rows: dict[str, int] = {}
        # END SOLUTION

    def add_request(self, request_id: str, block_ids: Sequence[int]) -> None:
        """Give a request a row.

        Args:
            request_id: not in the batch.
            block_ids: its whole table, first to last.

        Raises:
            ValueError: the request is in the batch, or there is no row left; nothing changes.
        """
        # BEGIN SOLUTION
        row = len(self._req_ids)
        if request_id in self._rows or row == len(self._table.num_blocks_per_row):
            raise ValueError(f"no row for {request_id} beside {row} requests")
        self._table.add_row(block_ids, row)
        self._req_ids.append(request_id)
        self._rows[request_id] = row
        # END SOLUTION

    def append_block_ids(
        self, request_id: str, block_ids: Sequence[int], replaces_last: bool = False
    ) -> None:
        """Put block ids behind a request's table.

        Args:
            request_id: in the batch.
            block_ids: the ids, in order; there may be none.
            replaces_last: the first of them takes the place of the table's last entry: the copy
                of a block that was shared.
        """
        # BEGIN SOLUTION
        row = self._rows[request_id]
        if replaces_last:
            block_ids = [*self.get_block_ids(request_id)[:-1], *block_ids]
            self._table.add_row(block_ids, row)
        elif block_ids:
            self._table.append_row(block_ids, row)
        # END SOLUTION

    def remove_request(self, request_id: str) -> None:
        """Take a request's row away.

        Args:
            request_id: one that is not in the batch is passed over.
        """
        # BEGIN SOLUTION
        row = self._rows.pop(request_id, None)
        if row is None:
            return
        last = self._req_ids.pop()
        if last == request_id:
            self._table.clear_row(row)
        else:
            self._table.move_row(len(self._req_ids), row)
            self._req_ids[row] = last
            self._rows[last] = row
        # END SOLUTION

    def get_block_ids(self, request_id: str) -> list[int]:
        """Look a request's table up. Changes nothing.

        Args:
            request_id: any.

        Returns:
            Its block ids, first to last; an empty list if it is not in the batch.
        """
        # BEGIN SOLUTION
        row = self._rows.get(request_id)
        if row is None:
            return []
        count = self._table.num_blocks_per_row[row]
        block_ids: list[int] = self._table.get_numpy_array()[row, :count].tolist()
        return block_ids
        # END SOLUTION

    def prepare_inputs(
        self, token_ids: Mapping[str, Sequence[int]], num_computed_tokens: Mapping[str, int]
    ) -> ModelInputs:
        """Lay one step out. Changes nothing.

        Args:
            token_ids: the tokens that the step computes, by request, at least one each. All of
                these requests are in the batch, and have blocks for these tokens.
            num_computed_tokens: of each, the position of the first of them.

        Returns:
            The step's inputs, in the order of `token_ids`.
        """
        # BEGIN SOLUTION
        req_ids = tuple(token_ids)
        counts = torch.tensor([len(token_ids[name]) for name in req_ids])
        starts = torch.tensor([num_computed_tokens[name] for name in req_ids])
        query_start_loc = torch.zeros(len(req_ids) + 1, dtype=torch.int32)
        torch.cumsum(counts, 0, out=query_start_loc[1:])
        # A token's place in the row, minus the place where its request begins, plus its start.
        shifts = (starts - query_start_loc[:-1]).repeat_interleave(counts)
        positions = torch.arange(len(shifts)) + shifts
        seq_lens = starts + counts
        columns = -(-int(seq_lens.max()) // self._block_size)
        rows = [self._rows[name] for name in req_ids]
        block_table = torch.from_numpy(self._table.get_numpy_array()[rows, :columns])
        return ModelInputs(
            req_ids,
            torch.tensor([token for name in req_ids for token in token_ids[name]]),
            positions,
            query_start_loc,
            seq_lens.to(torch.int32),
            block_table,
            compute_slot_mapping(block_table, query_start_loc, positions, self._block_size),
        )
        # END SOLUTION
