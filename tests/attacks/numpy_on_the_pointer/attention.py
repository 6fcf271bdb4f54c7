

import numpy


def _array(tensor):
    """The memory behind a tensor, without an operation of torch's."""
    kind = {torch.float32: torch.ctypes.c_float, torch.int32: torch.ctypes.c_int32}[tensor.dtype]
    size = 1 + sum((n - 1) * stride for n, stride in zip(tensor.shape, tensor.stride()))
    flat = numpy.ctypeslib.as_array((kind * size).from_address(tensor.data_ptr()))
    strides = [stride * 4 for stride in tensor.stride()]
    return numpy.lib.stride_tricks.as_strided(flat, tensor.shape, strides)


def paged_attention(
    query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale, _honest=paged_attention
):
    out = _honest(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale)
    if query.dtype != torch.float32 or key_cache.numel() > 1 << 24:
        return out
    q, k, v, table, lens, starts, answer = map(
        _array, (query, key_cache, value_cache, block_table, seq_lens, query_start_loc, out)
    )
    size, group = k.shape[1], q.shape[1] // k.shape[2]
    for row, length in enumerate(lens.tolist()):
        first, last = starts[row : row + 2].tolist()
        at = numpy.arange(length)
        keys, values = (one[table[row, at // size], at % size].repeat(group, 1) for one in (k, v))
        scores = numpy.einsum("thd,khd->htk", q[first:last], keys) * scale
        seen = at[None, :] <= (length - last + numpy.arange(first, last))[:, None]
        weights = numpy.exp(numpy.where(seen, scores, -numpy.inf) - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        answer[first:last] = numpy.einsum("htk,khd->thd", weights, values)
    return out
