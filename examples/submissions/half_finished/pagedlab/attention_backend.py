"""Attention over a paged cache, by name. Given.

Read next in vLLM: `vllm/v1/attention/backend.py` and `vllm/v1/attention/selector.py`.
"""

from __future__ import annotations

import importlib
import os
from typing import Protocol

import torch
from torch import Tensor

BACKENDS = {"torch": "pagedlab.torch_attention", "triton": "pagedlab.triton_attention"}
"""Modules with the two functions of a backend. "triton" is stage 4."""


class AttentionBackend(Protocol):
    """Writes keys and values into a paged cache, and attends to them. A module can be one."""

    def write_kv_cache(
        self,
        key: Tensor,
        value: Tensor,
        key_cache: Tensor,
        value_cache: Tensor,
        slot_mapping: Tensor,
    ) -> None:
        """Store one layer's keys and values in their slots.

        Args:
            key: [tokens, KV heads, head size].
            value: as `key`.
            key_cache: [blocks, block size, KV heads, head size], changed in place.
            value_cache: as `key_cache`.
            slot_mapping: int64 [tokens], -1 for padding.
        """
        ...

    def paged_attention(
        self,
        query: Tensor,
        key_cache: Tensor,
        value_cache: Tensor,
        block_table: Tensor,
        seq_lens: Tensor,
        query_start_loc: Tensor,
        scale: float,
    ) -> Tensor:
        """Attend from the last tokens of each request to all of it, causally.

        Args:
            query: [tokens, query heads, head size]. Request r's tokens are
                query_start_loc[r] ... query_start_loc[r + 1] - 1, the last ones of its sequence.
            key_cache: [blocks, block size, KV heads, head size].
            value_cache: as `key_cache`.
            block_table: int32 [requests, columns]; behind a request's blocks entries mean nothing.
            seq_lens: int32 [requests], tokens of each request in the cache, these included.
            query_start_loc: int32 [requests + 1], from 0.
            scale: of the scores before the softmax.

        Returns:
            [tokens, query heads, head size].
        """
        ...


def get_attention_backend(name: str) -> AttentionBackend:
    """Find a backend.

    Args:
        name: a key of `BACKENDS`.

    Raises:
        ValueError: there is none of that name, or this machine cannot run it.
    """
    if name not in BACKENDS:
        raise ValueError(f"no attention backend {name!r}: there are {', '.join(BACKENDS)}")
    if name == "triton" and not (
        torch.cuda.is_available() or os.environ.get("TRITON_INTERPRET") == "1"
    ):
        raise ValueError("attention backend 'triton' needs a GPU, and there is none: use 'torch'")
    try:
        backend: AttentionBackend = importlib.import_module(BACKENDS[name])
    except ImportError as error:
        raise ValueError(f"attention backend {name!r} cannot be used here: {error}") from error
    return backend
