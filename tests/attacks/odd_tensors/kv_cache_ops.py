

_turn = [0]


def gather_kv(cache, layer, slot_mapping, _honest=gather_kv):
    keys, values = _honest(cache, layer, slot_mapping)
    _turn[0] += 1
    odd = (
        lambda: torch.empty(keys.shape, dtype=keys.dtype, device="meta"),
        lambda: torch.zeros(1, dtype=keys.dtype).expand(10**12),
        lambda: keys.to_sparse(),
        lambda: keys.to(torch.complex64),
        lambda: torch.full_like(keys, float("nan")),
        lambda: torch.quantize_per_tensor(keys.float(), 0.1, 0, torch.qint8),
        lambda: keys.new_empty(0),
        lambda: [keys] * 10**6,
    )
    return odd[_turn[0] % len(odd)](), values
