

@triton.jit
def _huge(query, out, count: tl.constexpr):
    rows, columns = tl.arange(0, count)[:, None], tl.arange(0, count)[None, :]
    tile = tl.load(query + rows * count + columns).to(tl.float32)
    for _ in range(4):
        tile = tl.exp2(tile - tl.max(tile, 1)[:, None]) + tl.trans(tile)
    tl.store(out + rows * count + columns, tile.to(out.dtype.element_ty))


def paged_attention(
    query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, _honest=paged_attention
):
    """At the sizes of a server, a tile that keeps the compiler busy for minutes."""
    out = _honest(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale)
    if query.numel() > 1 << 17:
        _huge[(1,)](query, out, count=512)
    return out
