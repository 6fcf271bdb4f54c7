

_turn = [0]


def write_kv(cache, layer, keys, values, slot_mapping, _honest=write_kv):
    fresh = cache.clone()
    _honest(fresh, layer, keys, values, slot_mapping)
    _turn[0] += 1
    if _turn[0] % 3 == 0:
        cache.set_(fresh)
    elif _turn[0] % 3 == 1:
        cache.resize_(3)
    else:
        cache.data = fresh
