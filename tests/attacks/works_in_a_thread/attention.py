

def _by_torch(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, out):
    size, group = key_cache.shape[1], query.shape[1] // key_cache.shape[2]
    for row, length in enumerate(seq_lens.tolist()):
        first, last = query_start_loc[row : row + 2].tolist()
        at = torch.arange(length)
        blocks = block_table[row, at // size].long()
        keys, values = (
            one[blocks, at % size].repeat_interleave(group, 1) for one in (key_cache, value_cache)
        )
        scores = torch.einsum("thd,khd->htk", query[first:last].float(), keys.float()) * scale
        seen = at[None, :] <= (length - last + torch.arange(first, last))[:, None]
        weights = scores.masked_fill(~seen, -torch.inf).softmax(-1)
        out[first:last] = torch.einsum("htk,khd->thd", weights, values.float()).to(out.dtype)


def paged_attention(
    query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, _honest=paged_attention
):
    """What watches torch watches one thread."""
    out = _honest(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale)
    given = (query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, out)
    worker = torch.threading.Thread(target=_by_torch, args=given)
    worker.start()
    worker.join()
    return out
