"""Stage 4. PagedAttention: a ragged batch attends to its keys where they lie in the paged cache.

Read next in vLLM: `unified_attention` and its kernels in
`vllm/v1/attention/ops/triton_unified_attention.py`.
"""

from __future__ import annotations

import torch


def paged_attention(
    query: torch.Tensor,
    key_cache: torch.Tensor,
    value_cache: torch.Tensor,
    block_table: torch.Tensor,
    seq_lens: torch.Tensor,
    query_start_loc: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """Causal attention of a ragged batch over the paged cache. Changes none of its arguments.

    Sequence s computes the tokens `query_start_loc[s] ... query_start_loc[s + 1] - 1`: one if it
    decodes, more if it prefills, perhaps none. They are the last of its `seq_lens[s]` tokens, and
    all keys and values lie in the cache already. Each token sees the keys up to its own. Triton
    kernels do the work; torch allocates, and shows memory in other shapes.

    Args:
        query: [tokens, heads, head size], any strides; float16, bfloat16 or float32.
        key_cache: [blocks, block size, KV heads, head size], any strides, beyond 2^31 elements
            too, of the query's dtype. Head h reads KV head h // (heads / KV heads).
        value_cache: as `key_cache`; its strides may be others.
        block_table: int32 [rows, blocks], any strides; row s is sequence s's. There may be more
            rows than sequences, and behind a sequence's blocks entries mean nothing.
        seq_lens: int32 [sequences], tokens of each, the computed ones included.
        query_start_loc: int32 [sequences + 1], from 0, ascending.
        scale: multiplies the scores.

    Returns:
        [tokens, heads, head size], a new tensor of the query's dtype. Rows of tokens behind
        `query_start_loc[-1]`, which are padding, may hold anything.

    Raises:
        ValueError: shapes or dtypes do not fit one another.
    """
    raise NotImplementedError("Stage 4 · paged_attention is not written yet")
