"""vLLM's way: arrays of numpy that live as long as the batch, rows swapped rather than moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pagedlab.block_table import BlockTable


@dataclass(frozen=True)
class ModelInputs:
    """One ragged batch."""

    req_ids: tuple[str, ...]
    token_ids: Tensor
    positions: Tensor
    query_start_loc: Tensor
    seq_lens: Tensor
    block_table: Tensor
    slot_mapping: Tensor


class InputBatch:
    """A row of the table for each request; rows of those that left are filled at once."""

    def __init__(self, max_num_reqs: int, max_num_blocks_per_req: int, block_size: int) -> None:
        self.block_size = block_size
        self.table = BlockTable(max_num_reqs, max_num_blocks_per_req)
        self.names: list[str | None] = [None] * max_num_reqs
        self.table_array = self.table.get_numpy_array()

    def add_request(self, request_id: str, block_ids: Sequence[int]) -> None:
        """Take the first free row."""
        if request_id in self.names or None not in self.names:
            raise ValueError(f"no row for {request_id}")
        row = self.names.index(None)
        self.names[row] = request_id
        self.table.add_row(list(block_ids), row)

    def append_block_ids(
        self, request_id: str, block_ids: Sequence[int], replaces_last: bool = False
    ) -> None:
        """Lengthen a row."""
        row = self.names.index(request_id)
        if replaces_last:
            kept = self.get_block_ids(request_id)[:-1]
            self.table.add_row(kept + list(block_ids), row)
            return
        self.table.append_row(list(block_ids), row)

    def remove_request(self, request_id: str) -> None:
        """Empty a row. Rows may stay empty in between."""
        if request_id in self.names:
            row = self.names.index(request_id)
            self.names[row] = None
            self.table.clear_row(row)

    def get_block_ids(self, request_id: str) -> list[int]:
        """Its table."""
        if request_id not in self.names:
            return []
        row = self.names.index(request_id)
        return [int(one) for one in self.table_array[row, : self.table.num_blocks_per_row[row]]]

    def prepare_inputs(
        self, token_ids: Mapping[str, Sequence[int]], num_computed_tokens: Mapping[str, int]
    ) -> ModelInputs:
        """Lay a step out, in the order of the rows."""
        order = [name for name in self.names if name in token_ids]
        counts = np.array([len(token_ids[name]) for name in order])
        starts = np.array([num_computed_tokens[name] for name in order])
        query_start_loc = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        within = np.arange(counts.sum()) - np.repeat(query_start_loc[:-1], counts)
        positions = np.repeat(starts, counts) + within
        rows = np.array([self.names.index(name) for name in order])
        owners = np.repeat(rows, counts)
        blocks = self.table_array[owners, positions // self.block_size].astype(np.int64)
        slots = blocks * self.block_size + positions % self.block_size
        tokens = np.concatenate([np.asarray(token_ids[name], dtype=np.int64) for name in order])
        return ModelInputs(
            tuple(name for name in order if name is not None),
            torch.from_numpy(tokens),
            torch.from_numpy(positions),
            torch.from_numpy(query_start_loc),
            torch.from_numpy((starts + counts).astype(np.int32)),
            torch.from_numpy(self.table_array[rows]),
            torch.from_numpy(slots),
        )
