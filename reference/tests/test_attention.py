"""The reference's own tests of stage 4, part three: attention over the paged cache."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from pagedlab.attention import paged_attention

NAN = float("nan")
Batch = dict[str, Any]


def batch(
    lengths: list[tuple[int, int]],
    heads: int = 1,
    kv_heads: int = 1,
    head_size: int = 64,
    block_size: int = 16,
    columns: int = 0,
) -> Batch:
    """Sequences by (length, computed tokens), in shuffled blocks; NaN where no token lies."""
    torch.manual_seed(len(lengths) + heads)
    counts = [-(-length // block_size) for length, _ in lengths]
    blocks = torch.randperm(sum(counts) + 2)
    shape = (len(blocks), block_size, kv_heads, head_size)
    key_cache, value_cache = torch.full(shape, NAN), torch.full(shape, NAN)
    rows, width = len(lengths), max(columns, *counts) + 1
    table, used = torch.full((rows, width), -7, dtype=torch.int32), 0
    for row, (length, _) in enumerate(lengths):
        mine = blocks[used : used + counts[row]]
        used += counts[row]
        table[row, : counts[row]] = mine.int()
        at = mine[torch.arange(length) // block_size], torch.arange(length) % block_size
        key_cache[at] = torch.randn(length, kv_heads, head_size)
        value_cache[at] = torch.randn(length, kv_heads, head_size) + 1.0
        value_cache[at[0][-1], at[1][-1]] += 4.0
    computed = [count for _, count in lengths]
    starts = torch.tensor([0, *computed]).cumsum(0).int()
    return {
        "query": 3.0 * torch.randn(sum(computed), heads, head_size),
        "key_cache": key_cache,
        "value_cache": value_cache,
        "block_table": table,
        "seq_lens": torch.tensor([length for length, _ in lengths], dtype=torch.int32),
        "query_start_loc": starts,
        "scale": head_size**-0.5,
    }


def exact(given: Batch) -> torch.Tensor:
    """Attention token by token, in float64."""
    query, keys, values = (given[name].double() for name in ("query", "key_cache", "value_cache"))
    table, starts, size = given["block_table"], given["query_start_loc"].tolist(), keys.shape[1]
    group, out = query.shape[1] // keys.shape[2], torch.zeros_like(query)
    for row, length in enumerate(given["seq_lens"].tolist()):
        for token in range(starts[row], starts[row + 1]):
            seen = torch.arange(length - starts[row + 1] + token + 1)
            at = table[row][seen // size].long(), seen % size
            key, value = (one[at].repeat_interleave(group, 1) for one in (keys, values))
            scores = torch.einsum("hd,khd->hk", query[token], key) * given["scale"]
            out[token] = torch.einsum("hk,khd->hd", scores.softmax(1), value)
    return out


def check(given: Batch) -> None:
    before = given["query"].clone()
    out = paged_attention(**given)
    torch.testing.assert_close(out.double(), exact(given), atol=1e-4, rtol=1e-4)
    assert torch.equal(given["query"], before)


@pytest.mark.parametrize("lengths", [(1, 15), (16, 17), (20, 40)])
def test_decode_sees_the_whole_context_wherever_it_lies(lengths: tuple[int, ...]) -> None:
    check(batch([(length, 1) for length in lengths]))


def test_a_chunk_sees_the_keys_up_to_its_own() -> None:
    check(batch([(21, 5), (6, 6)]))


def test_decodes_chunks_and_idle_sequences_share_a_batch() -> None:
    check(batch([(17, 1), (9, 0), (20, 4), (3, 1)]))


@pytest.mark.parametrize(("heads", "kv_heads"), [(4, 2), (3, 1)])
def test_query_heads_share_their_kv_head(heads: int, kv_heads: int) -> None:
    check(batch([(18, 2)], heads, kv_heads))


def test_a_head_size_that_is_no_power_of_two_and_a_block_size_of_8() -> None:
    check(batch([(19, 1)], 2, 1, head_size=80, block_size=8))


def test_a_long_context_needs_all_of_its_keys() -> None:
    check(batch([(530, 1), (2, 1)], columns=64))


def test_the_keys_of_a_strided_cache_are_found() -> None:
    given = batch([(18, 1)], 2, 2)
    apart = given["value_cache"].transpose(1, 2).contiguous().transpose(1, 2)
    check({**given, "value_cache": apart})


def test_an_output_has_the_dtype_of_its_query() -> None:
    given = batch([(9, 1)])
    half = {name: given[name].half() for name in ("query", "key_cache", "value_cache")}
    out = paged_attention(**{**given, **half})
    assert out.dtype is torch.float16
    torch.testing.assert_close(out.double(), exact({**given, **half}), atol=1e-2, rtol=1e-2)


def test_what_does_not_fit_is_refused() -> None:
    given = batch([(9, 1)], 2, 2)
    for wrong in (
        {"value_cache": given["value_cache"].half()},
        {"query": given["query"][:, :1]},
        {"seq_lens": given["seq_lens"][:0]},
    ):
        with pytest.raises(ValueError):
            paged_attention(**{**given, **wrong})
