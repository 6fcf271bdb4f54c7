"""Paged attention in plain torch, for machines without a GPU. Given.

Short where stage 4's kernel is fast: it gathers the keys and values of a whole request before it
attends. Read next in vLLM: `vllm/v1/attention/backends/cpu_attn.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor


def write_kv_cache(
    key: Tensor, value: Tensor, key_cache: Tensor, value_cache: Tensor, slot_mapping: Tensor
) -> None:
    """Store one layer's keys and values in their slots: see `AttentionBackend`.

    Args:
        key: [tokens, KV heads, head size].
        value: as `key`.
        key_cache: [blocks, block size, KV heads, head size], changed in place.
        value_cache: as `key_cache`.
        slot_mapping: int64 [tokens], -1 for padding.
    """
    if slot_mapping.numel() and int(slot_mapping.min()) < 0:
        is_token = slot_mapping >= 0
        key, value, slot_mapping = key[is_token], value[is_token], slot_mapping[is_token]
    blocks = torch.div(slot_mapping, key_cache.shape[1], rounding_mode="floor")
    place = (blocks, slot_mapping - blocks * key_cache.shape[1])
    key_cache.index_put_(place, key)
    value_cache.index_put_(place, value)


def paged_attention(
    query: Tensor,
    key_cache: Tensor,
    value_cache: Tensor,
    block_table: Tensor,
    seq_lens: Tensor,
    query_start_loc: Tensor,
    scale: float,
) -> Tensor:
    """Attend from the last tokens of each request to all of it: see `AttentionBackend`.

    Args:
        query: [tokens, query heads, head size].
        key_cache: [blocks, block size, KV heads, head size].
        value_cache: as `key_cache`.
        block_table: int32 [requests, columns].
        seq_lens: int32 [requests].
        query_start_loc: int32 [requests + 1].
        scale: of the scores before the softmax.

    Returns:
        [tokens, query heads, head size].
    """
    out = torch.empty_like(query)
    starts, lengths = query_start_loc.tolist(), seq_lens.tolist()
    counts = [end - start for start, end in zip(starts, starts[1:], strict=False)]
    # Requests that compute one token each make one batch, all others one batch each.
    single = [row for row, count in enumerate(counts) if count == 1]
    batches = [single] if single else []
    batches += [[row] for row, count in enumerate(counts) if count > 1]
    for rows in batches:
        first, count, longest = starts[rows[0]], counts[rows[0]], max(lengths[row] for row in rows)
        columns = -(-longest // key_cache.shape[1])
        blocks = block_table[rows, :columns].to(torch.int64)
        tokens = [starts[row] for row in rows] if count == 1 else slice(first, first + count)
        # [rows, new tokens, heads, head size]
        asked = query[tokens].unflatten(0, (len(rows), count))
        key, value = (
            cache[blocks].flatten(1, 2)[:, :longest] for cache in (key_cache, value_cache)
        )
        ends = seq_lens[rows]
        out[tokens] = _attend(asked * scale, key, value, ends).flatten(0, 1)
    return out


def _attend(query: Tensor, key: Tensor, value: Tensor, ends: Tensor) -> Tensor:
    """Attend in padded rows.

    Args:
        query: [rows, new, query heads, head size], scaled.
        key: [rows, longest, KV heads, head size]; from a row's end on, anything.
        value: as `key`.
        ends: [rows].
    """
    rows, new, heads, size = query.shape
    kv_heads = key.shape[2]
    places = torch.arange(key.shape[1], device=key.device)
    last_seen = ends[:, None] - new + torch.arange(new, device=key.device)  # [rows, new]
    hidden = places > last_seen[:, :, None]  # [rows, new, longest]
    # What lies behind the end may be NaN, and 0 * NaN is no 0.
    value = value.masked_fill((places >= ends[:, None])[:, :, None, None], 0.0)
    grouped = query.reshape(rows, new, kv_heads, heads // kv_heads, size)
    grouped = grouped.permute(0, 2, 3, 1, 4).flatten(2, 3)  # [rows, KV heads, group x new, size]
    scores = grouped @ key.permute(0, 2, 3, 1)
    scores = scores.unflatten(2, (-1, new)).masked_fill(hidden[:, None, None], -torch.inf)
    weights = scores.softmax(dim=-1).flatten(2, 3)
    found = (weights @ value.transpose(1, 2)).unflatten(2, (-1, new))
    return found.permute(0, 3, 1, 2, 4).reshape(rows, new, heads, size)
