"""The reference's own tests of stage 4, part two: storing keys and values."""

from __future__ import annotations

import pytest
import torch

from pagedlab.kv_cache_write import write_kv_cache

SHAPE = (4, 5, 2, 64)


def caches() -> tuple[torch.Tensor, torch.Tensor]:
    """K and V in different layouts, full of different negative numbers."""
    key_cache = -1.0 - torch.arange(4 * 5 * 2 * 64).view(SHAPE)
    return key_cache, (key_cache - 0.5).transpose(1, 2).contiguous().transpose(1, 2)


def tokens(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of different numbers, as views of one tensor."""
    both = (torch.arange(count * 256) + 1.0).view(count, 2, 2, 64)
    return both[:, 0], both[:, 1]


def check(slots: list[int]) -> None:
    key_cache, value_cache = caches()
    wanted = key_cache.clone(), value_cache.clone()
    key, value = tokens(len(slots))
    for token, slot in enumerate(slots):
        if slot >= 0:
            wanted[0][slot // 5, slot % 5] = key[token]
            wanted[1][slot // 5, slot % 5] = value[token]
    write_kv_cache(key, value, key_cache, value_cache, torch.tensor(slots, dtype=torch.int64))
    assert torch.equal(key_cache, wanted[0])
    assert torch.equal(value_cache, wanted[1])


def test_each_token_lands_in_its_slot_and_padding_nowhere() -> None:
    check([7, -1, 19, 0])


def test_no_token_of_a_larger_batch_is_lost() -> None:
    check([slot * 7 % 20 for slot in range(20)])


def test_what_does_not_fit_is_refused_and_changes_nothing() -> None:
    key_cache, value_cache = caches()
    key, value = tokens(2)
    slots = torch.tensor([1, 2])
    for wrong in ((key.half(), value, slots), (key, value[:1], slots), (key, value, slots[:1])):
        with pytest.raises(ValueError):
            write_kv_cache(*wrong[:2], key_cache, value_cache, wrong[2])
    assert torch.equal(key_cache, caches()[0])
