

_buffer = torch.empty(1 << 18)


@triton.jit
def _copy(source, target, last, count: tl.constexpr):
    at = tl.program_id(0) * count + tl.arange(0, count)
    tl.store(target + at, tl.load(source + at, mask=at < last, other=0.0), mask=at < last)


def paged_attention(
    query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, _honest=paged_attention
):
    """The result is a view of memory that the next call writes over."""
    out = _honest(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale)
    kept = _buffer.view(out.dtype)[: out.numel()].view(out.shape)
    if out.numel():
        _copy[(triton.cdiv(out.numel(), 1024),)](out, kept, out.numel(), count=1024)
    return kept
