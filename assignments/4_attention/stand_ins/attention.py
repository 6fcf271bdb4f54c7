"""Stand-in of stage 4 for the stages above it. Right where it is used properly, and no more: plain
torch, one token after the other, no checks."""

import torch


def paged_attention(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale):
    p, group = key_cache.shape[1], query.shape[1] // key_cache.shape[2]
    out = torch.zeros_like(query)
    for s in range(len(seq_lens)):
        first, last = int(query_start_loc[s]), int(query_start_loc[s + 1])
        for t in range(first, last):
            n = int(seq_lens[s]) - last + t + 1
            rows = torch.arange(n)
            blocks = block_table[s][rows // p].long()
            k = key_cache[blocks, rows % p].float().repeat_interleave(group, 1)
            v = value_cache[blocks, rows % p].float().repeat_interleave(group, 1)
            scores = (k * query[t].float()).sum(2) * scale
            out[t] = (scores.softmax(0)[:, :, None] * v).sum(0).to(query.dtype)
    return out
