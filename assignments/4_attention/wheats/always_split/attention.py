"""Stage 4, solved otherwise: every sequence is cut into four parts, whatever its length.

Read next in vLLM: `unified_attention` and its kernels in
`vllm/v1/attention/ops/triton_unified_attention.py`.
"""

from __future__ import annotations

# BEGIN SOLUTION
from dataclasses import dataclass

# END SOLUTION
import torch
import triton
import triton.language as tl

# BEGIN SOLUTION
LOG2_E = tl.constexpr(1.4426950408889634)
"""exp(x) = 2^(x log2 e): the GPU has an instruction for powers of two."""
BLOCK_KEYS = 16
"""Keys of one step of the loop, whatever the size of a block of the cache."""
SMALL_TILE, LARGE_TILE = 16, 64
"""Query rows of one program: the fewest that a tensor core takes, and enough to reuse keys."""
WANTED_PROGRAMS = 264
"""Two for each of the 132 multiprocessors of an H100."""
KEYS_A_SPLIT, MOST_SPLITS = 256, 32
"""A program is worth its launch from so many keys on; more parts than this cost more to merge."""


@triton.jit
def _sequence_of(query_start_loc, tile, num_seqs, tile_tokens: tl.constexpr, seqs: tl.constexpr):
    """The sequence that a tile belongs to: those of sequence s begin at start // tokens + s."""
    index = tl.arange(0, seqs)
    starts = tl.load(query_start_loc + index, mask=index < num_seqs, other=2147483647)
    first = starts // tile_tokens + index
    return tl.sum(((index < num_seqs) & (first <= tile)).to(tl.int32), 0) - 1


@triton.jit
def _step(query, keys, values, seen, maximum, total, weighted, scale, ieee: tl.constexpr):
    """The online softmax, one tile of keys on. `scale` turns scores into powers of two."""
    precision: tl.constexpr = "ieee" if ieee else "tf32"
    scores = tl.dot(query, keys, input_precision=precision) * scale
    scores = tl.where(seen, scores, float("-inf"))
    highest = tl.maximum(maximum, tl.max(scores, 1))
    finite = tl.where(highest == float("-inf"), 0.0, highest)
    weights = tl.exp2(scores - finite[:, None])
    rescale = tl.exp2(maximum - finite)
    weighted = weighted * rescale[:, None]
    weighted = tl.dot(weights.to(values.dtype), values, weighted, input_precision=precision)
    return highest, total * rescale + tl.sum(weights, 1), weighted


@triton.jit
def _attention_kernel(
    query,
    key_cache,
    value_cache,
    block_table,
    seq_lens,
    query_start_loc,
    out,
    partial_lse,
    scale,
    num_seqs,
    num_rows,
    query_token_stride,
    query_head_stride,
    query_dim_stride,
    key_block_stride,
    key_slot_stride,
    key_head_stride,
    key_dim_stride,
    value_block_stride,
    value_slot_stride,
    value_head_stride,
    value_dim_stride,
    table_row_stride,
    table_column_stride,
    num_heads: tl.constexpr,
    group: tl.constexpr,
    block_size: tl.constexpr,
    head_size: tl.constexpr,
    block_dims: tl.constexpr,
    block_rows: tl.constexpr,
    block_keys: tl.constexpr,
    seqs: tl.constexpr,
    splits: tl.constexpr,
    ieee: tl.constexpr,
):
    """One tile of query tokens, all query heads of one KV head, one part of their keys."""
    tile_tokens: tl.constexpr = block_rows // group
    kv_head, split = tl.program_id(1), tl.program_id(2)
    seq = _sequence_of(query_start_loc, tl.program_id(0), num_seqs, tile_tokens, seqs)
    first = tl.load(query_start_loc + seq)
    num_queries = tl.load(query_start_loc + seq + 1) - first
    skipped = (tl.program_id(0) - first // tile_tokens - seq) * tile_tokens
    seq_len = tl.load(seq_lens + seq)
    context = seq_len - num_queries

    rows, dims = tl.arange(0, block_rows), tl.arange(0, block_dims)
    token = skipped + rows // group
    real = (rows < tile_tokens * group) & (token < num_queries)
    heads = kv_head * group + rows % group
    real_dims = dims < head_size
    wanted = real[:, None] & real_dims[None, :]
    tokens = (first + token).to(tl.int64)
    query += (tokens * query_token_stride + heads * query_head_stride)[:, None]
    tile = tl.load(query + (dims * query_dim_stride)[None, :], mask=wanted, other=0.0)

    # A tile's last token sees the most keys; a tile without tokens sees none.
    end = tl.minimum(context + skipped + tile_tokens, seq_len)
    end = tl.where(skipped < num_queries, end, 0)
    part = tl.cdiv(tl.cdiv(end, block_keys), splits) * block_keys
    begin = split * part
    end = tl.minimum(end, begin + part)

    maximum = tl.full([block_rows], float("-inf"), tl.float32)
    total = tl.zeros([block_rows], tl.float32)
    weighted = tl.zeros([block_rows, block_dims], tl.float32)
    block_table += seq.to(tl.int64) * table_row_stride
    key_cache += kv_head * key_head_stride + (dims * key_dim_stride)[:, None]
    value_cache += kv_head * value_head_stride + (dims * value_dim_stride)[None, :]
    for start in range(begin, end, block_keys):
        positions = start + tl.arange(0, block_keys)
        there = positions < end
        columns = (positions // block_size) * table_column_stride
        # A block number fits into 32 bits; multiplied by a stride it may not.
        blocks = tl.load(block_table + columns, mask=there, other=0).to(tl.int64)
        offsets = positions % block_size
        at = blocks * key_block_stride + offsets * key_slot_stride
        keys = tl.load(key_cache + at[None, :], mask=there[None, :] & real_dims[:, None], other=0.0)
        at = blocks * value_block_stride + offsets * value_slot_stride
        values = tl.load(
            value_cache + at[:, None], mask=there[:, None] & real_dims[None, :], other=0.0
        )
        seen = there[None, :] & (positions[None, :] <= (context + token)[:, None])
        maximum, total, weighted = _step(
            tile, keys, values, seen, maximum, total, weighted, scale * LOG2_E, ieee
        )

    weighted = weighted / tl.where(total > 0, total, 1.0)[:, None]
    row = split * num_rows + tokens * num_heads + heads
    tl.store(
        out + row[:, None] * head_size + dims[None, :],
        weighted.to(out.dtype.element_ty),
        mask=wanted & (total > 0)[:, None] if splits > 1 else wanted,
    )
    if splits > 1:
        lse = tl.where(total > 0, maximum + tl.log2(total), float("-inf"))
        tl.store(partial_lse + row, lse, mask=real)


@triton.jit
def _merge_kernel(
    out,
    partial_out,
    partial_lse,
    query_start_loc,
    num_seqs,
    num_rows,
    num_heads: tl.constexpr,
    head_size: tl.constexpr,
    block_dims: tl.constexpr,
    splits: tl.constexpr,
):
    """Puts the parts of one head of one token together. A part without keys holds nothing."""
    row = tl.program_id(0).to(tl.int64)
    part, dims = tl.arange(0, splits), tl.arange(0, block_dims)
    real = row < tl.load(query_start_loc + num_seqs) * num_heads
    rows = part * num_rows + row
    lse = tl.load(partial_lse + rows, mask=(part < splits) & real, other=float("-inf"))
    highest = tl.max(lse, 0)
    weights = tl.exp2(lse - tl.where(highest == float("-inf"), 0.0, highest))
    there = (lse > float("-inf"))[:, None] & (dims < head_size)[None, :]
    parts = tl.load(partial_out + rows[:, None] * head_size + dims[None, :], mask=there, other=0.0)
    total = tl.sum(weights, 0)
    merged = tl.sum(parts * weights[:, None], 0) / tl.where(total > 0, total, 1.0)
    tl.store(
        out + row * head_size + dims,
        merged.to(out.dtype.element_ty),
        mask=(dims < head_size) & real,
    )


@dataclass(frozen=True)
class _Plan:
    """How the work is cut. Made from shapes alone: no number is read back from the GPU."""

    tiles: int
    block_rows: int
    splits: int

    @property
    def parts(self) -> int:
        """How many partial results there are to merge."""
        return self.splits if self.splits > 1 else 0


def _plan(num_tokens: int, num_seqs: int, num_kv_heads: int, group: int, most_keys: int) -> _Plan:
    """Tiles that reuse keys where there are tokens for it, and parts of long sequences where not.

    Args:
        num_tokens: query tokens of the batch.
        num_seqs: sequences of the batch.
        num_kv_heads: of the cache.
        group: query heads a KV head.
        most_keys: that the block table has room for in one sequence.
    """
    decodes = num_tokens <= num_seqs
    block_rows = max(SMALL_TILE if decodes else LARGE_TILE, triton.next_power_of_2(group))
    tiles = num_tokens // (block_rows // group) + num_seqs
    return _Plan(tiles, block_rows, 4)


def _check(
    query: torch.Tensor,
    key_cache: torch.Tensor,
    value_cache: torch.Tensor,
    seq_lens: torch.Tensor,
    query_start_loc: torch.Tensor,
) -> None:
    """Refuse what cannot be meant. Looks at shapes and dtypes alone."""
    if key_cache.shape != value_cache.shape or key_cache.shape[3] != query.shape[2]:
        raise ValueError(f"{query.shape} for caches {key_cache.shape}, {value_cache.shape}")
    if query.shape[1] % key_cache.shape[2]:
        raise ValueError(f"{query.shape[1]} heads share {key_cache.shape[2]} KV heads unevenly")
    if len({query.dtype, key_cache.dtype, value_cache.dtype}) > 1:
        raise ValueError(f"{query.dtype} for a cache of {key_cache.dtype}, {value_cache.dtype}")
    if query_start_loc.numel() != seq_lens.numel() + 1:
        raise ValueError(f"{seq_lens.numel()} sequences, {query_start_loc.numel()} starts")


# END SOLUTION
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
    # BEGIN SOLUTION
    _check(query, key_cache, value_cache, seq_lens, query_start_loc)
    num_tokens, num_heads, head_size = query.shape
    block_size, num_kv_heads = key_cache.shape[1:3]
    num_seqs, num_rows = seq_lens.numel(), num_tokens * num_heads
    out = query.new_empty(query.shape)
    if not num_rows or not num_seqs:
        return out
    group, most_keys = num_heads // num_kv_heads, block_table.shape[1] * block_size
    plan = _plan(num_tokens, num_seqs, num_kv_heads, group, most_keys)
    partial_out = out.new_empty((plan.parts, *out.shape), dtype=torch.float32)
    partial_lse = out.new_empty((plan.parts, num_rows), dtype=torch.float32)
    sizes = {"num_heads": num_heads, "head_size": head_size}
    sizes["block_dims"] = triton.next_power_of_2(head_size)
    _attention_kernel[(plan.tiles, num_kv_heads, plan.splits)](
        query,
        key_cache,
        value_cache,
        block_table,
        seq_lens,
        query_start_loc,
        partial_out if plan.parts else out,
        partial_lse,
        scale,
        num_seqs,
        num_rows,
        *query.stride(),
        *key_cache.stride(),
        *value_cache.stride(),
        *block_table.stride(),
        group=group,
        block_size=block_size,
        block_rows=plan.block_rows,
        block_keys=BLOCK_KEYS,
        seqs=triton.next_power_of_2(num_seqs),
        splits=plan.splits,
        ieee=query.dtype is torch.float32,
        **sizes,
    )
    if plan.parts:
        _merge_kernel[(num_rows,)](
            out,
            partial_out,
            partial_lse,
            query_start_loc,
            num_seqs,
            num_rows,
            splits=plan.parts,
            **sizes,
        )
    return out
    # END SOLUTION
