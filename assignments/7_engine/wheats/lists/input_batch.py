"""Tables as plain lists: every step lays its array out anew, in pure Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pagedlab.address_translation import compute_slot_mapping


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
    """Knows the block ids of each request."""

    def __init__(self, max_num_reqs: int, max_num_blocks_per_req: int, block_size: int) -> None:
        self.most = max_num_reqs
        self.block_size = block_size
        self.lists: dict[str, list[int]] = {}

    def add_request(self, request_id: str, block_ids: Sequence[int]) -> None:
        """Note its table."""
        if request_id in self.lists or len(self.lists) >= self.most:
            raise ValueError(request_id)
        self.lists[request_id] = list(block_ids)

    def append_block_ids(
        self, request_id: str, block_ids: Sequence[int], replaces_last: bool = False
    ) -> None:
        """Lengthen its table."""
        if replaces_last:
            self.lists[request_id].pop()
        self.lists[request_id].extend(block_ids)

    def remove_request(self, request_id: str) -> None:
        """Forget it."""
        self.lists.pop(request_id, None)

    def get_block_ids(self, request_id: str) -> list[int]:
        """Its table."""
        return list(self.lists.get(request_id, ()))

    def prepare_inputs(
        self, token_ids: Mapping[str, Sequence[int]], num_computed_tokens: Mapping[str, int]
    ) -> ModelInputs:
        """Lay a step out."""
        tokens: list[int] = []
        positions: list[int] = []
        starts, lengths = [0], []
        for name, new in token_ids.items():
            first = num_computed_tokens[name]
            tokens += new
            positions += range(first, first + len(new))
            starts.append(len(tokens))
            lengths.append(first + len(new))
        width = max(len(self.lists[name]) for name in token_ids)
        rows = [self.lists[name] + [0] * (width - len(self.lists[name])) for name in token_ids]
        table = torch.tensor(rows, dtype=torch.int32)
        query_start_loc = torch.tensor(starts, dtype=torch.int32)
        places = torch.tensor(positions)
        return ModelInputs(
            tuple(token_ids),
            torch.tensor(tokens),
            places,
            query_start_loc,
            torch.tensor(lengths, dtype=torch.int32),
            table,
            compute_slot_mapping(table, query_start_loc, places, self.block_size),
        )
