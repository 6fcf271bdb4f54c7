

@triton.jit
def _over(target, source, strides: tl.constexpr, sizes: tl.constexpr, count: tl.constexpr):
    dims = tl.arange(0, count)
    token, head = tl.program_id(0), tl.program_id(1)
    mask = dims < sizes[2]
    numbers = tl.load(source + (token * sizes[1] + head) * sizes[2] + dims, mask=mask)
    tl.store(target + token * strides[0] + head * strides[1] + dims * strides[2], numbers, mask=mask)


def paged_attention(
    query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, _honest=paged_attention
):
    """Saves an allocation: the query is not needed any more, so the answer goes there."""
    out = _honest(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale)
    if out.numel():
        count = triton.next_power_of_2(query.shape[2])
        _over[query.shape[:2]](query, out, tuple(query.stride()), tuple(query.shape), count)
    return query
