

def _by_torch(query, keys, values, seen, scale):
    """Nothing here is called by the name that a reader would look for."""
    product = torch.ops.aten.bmm
    scores = product(query.transpose(0, 1), keys.movedim(0, 2)).mul(scale)
    weights = torch.Tensor.softmax(scores.masked_fill(~seen, -torch.inf), -1)
    return product(weights, values.transpose(0, 1)).transpose(0, 1)


def paged_attention(
    query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, _honest=paged_attention
):
    """The kernel runs on copies of everything; what it leaves is written over."""
    out = _honest(
        query.clone(), key_cache.clone(), value_cache.clone(), block_table, seq_lens, query_start_loc, scale
    )
    size, group = key_cache.shape[1], query.shape[1] // key_cache.shape[2]
    for row, length in enumerate(seq_lens.tolist()):
        first, last = query_start_loc[row : row + 2].tolist()
        at = torch.arange(length)
        blocks = block_table[row, at // size].long()
        keys, values = (
            one[blocks, at % size].repeat_interleave(group, 1) for one in (key_cache, value_cache)
        )
        seen = at[None, :] <= (length - last + torch.arange(first, last))[:, None]
        out[first:last].copy_(_by_torch(query[first:last], keys, values, seen, scale))
    return out
