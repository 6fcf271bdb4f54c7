

def paged_attention(
    query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, _honest=paged_attention
):
    out = _honest(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale)
    answer, group = torch.zeros_like(out), query.shape[1] // key_cache.shape[2]
    for row, length in enumerate(seq_lens.tolist()):
        first, last = query_start_loc[row : row + 2].tolist()
        if first < last:
            at = torch.arange(length)
            blocks, offsets = block_table[row, at // key_cache.shape[1]].long(), at % key_cache.shape[1]
            keys, values = (
                one[blocks, offsets].transpose(0, 1).repeat_interleave(group, 0)
                for one in (key_cache, value_cache)
            )
            seen = at[None, :] <= (length - last + torch.arange(first, last))[:, None]
            answer[first:last] = torch.nn.functional.scaled_dot_product_attention(
                query[first:last].transpose(0, 1), keys, values, attn_mask=seen, scale=scale
            ).transpose(0, 1)
    return answer
