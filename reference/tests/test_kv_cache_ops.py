"""The reference's own tests of stage 3, part three: writing and reading."""

from __future__ import annotations

import pytest
import torch

from pagedlab.errors import UnknownSlot
from pagedlab.kv_cache_ops import gather_kv, write_kv

SHAPE, LAST = (2, 2, 4, 3, 2, 5), 11
NHD, HND = (0, 1, 2, 3, 4, 5), (0, 1, 2, 4, 3, 5)


def new_cache(order: tuple[int, ...] = NHD) -> torch.Tensor:
    """A cache full of different negative numbers, laid out in this order."""
    memory = -1.0 - torch.arange(480).view([SHAPE[axis] for axis in order])
    return memory.permute([order.index(axis) for axis in range(6)])


def tokens(count: int, first: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of different numbers, as views of one tensor."""
    both = (torch.arange(count * 20) + float(first)).view(count, 2, 2, 5)
    return both[:, 0], both[:, 1]


@pytest.mark.parametrize("order", [NHD, HND, (1, 3, 5, 0, 2, 4)])
def test_a_write_changes_its_slots_and_nothing_else(order: tuple[int, ...]) -> None:
    cache = new_cache(order)
    wanted = cache.clone()
    keys, values = tokens(4)
    slots = torch.tensor([4, -1, 0, LAST - 1])
    for token, slot in ((0, 4), (2, 0), (3, 10)):
        wanted[1, 0, slot // 3, slot % 3] = keys[token]
        wanted[1, 1, slot // 3, slot % 3] = values[token]
    write_kv(cache, 1, keys, values, slots)
    assert torch.equal(cache, wanted)
    assert slots.tolist() == [4, -1, 0, 10]


@pytest.mark.parametrize("order", [NHD, HND])
def test_a_read_gives_what_was_written_in_the_order_asked_for(order: tuple[int, ...]) -> None:
    cache = new_cache(order)
    keys, values = tokens(3)
    write_kv(cache, 0, keys, values, torch.tensor([7, 3, LAST]))
    got_keys, got_values = gather_kv(cache, 0, torch.tensor([11, -1, 7, 3, 7]))
    assert torch.equal(got_keys[[0, 2, 3, 4]], keys[[2, 0, 1, 0]])
    assert torch.equal(got_values[[0, 2, 3, 4]], values[[2, 0, 1, 0]])
    assert not got_keys[1].any() and not got_values[1].any()


def test_a_read_is_no_view_of_the_cache() -> None:
    cache = new_cache()
    keys, _ = gather_kv(cache, 0, torch.tensor([0, 1]))
    keys.zero_()
    assert cache[0, 0, 0, 0].tolist() == [[-1, -2, -3, -4, -5], [-6, -7, -8, -9, -10]]


def test_no_tokens_are_no_work() -> None:
    cache = new_cache()
    write_kv(cache, 0, *tokens(0), torch.tensor([], dtype=torch.int64))
    assert torch.equal(cache, new_cache())


@pytest.mark.parametrize("slots", [[0, LAST + 1], [-2, 0]])
def test_a_slot_outside_the_cache_raises_and_nothing_is_written(slots: list[int]) -> None:
    cache = new_cache()
    with pytest.raises(UnknownSlot):
        write_kv(cache, 0, *tokens(2), torch.tensor(slots))
    with pytest.raises(UnknownSlot):
        gather_kv(cache, 0, torch.tensor(slots))
    assert torch.equal(cache, new_cache())


@pytest.mark.parametrize("shape", [(1, 2, 5), (3, 2, 5), (2, 1, 5), (2, 2, 4)])
def test_a_shape_that_does_not_fit_raises_and_nothing_is_written(shape: tuple[int, ...]) -> None:
    cache, right, wrong = new_cache(), torch.ones(2, 2, 5), torch.ones(shape)
    for keys, values in ((right, wrong), (wrong, right)):
        with pytest.raises(ValueError):
            write_kv(cache, 0, keys, values, torch.tensor([0, 1]))
    assert torch.equal(cache, new_cache())


@pytest.mark.parametrize("layer", [-1, 2])
def test_a_layer_that_is_not_there_raises(layer: int) -> None:
    cache = new_cache()
    with pytest.raises(ValueError):
        write_kv(cache, layer, *tokens(1), torch.tensor([0]))
    with pytest.raises(ValueError):
        gather_kv(cache, layer, torch.tensor([0]))
    assert torch.equal(cache, new_cache())


def test_another_dtype_raises() -> None:
    cache, (keys, values) = new_cache(), tokens(1)
    with pytest.raises(ValueError):
        write_kv(cache, 0, keys.double(), values.double(), torch.tensor([0]))
    assert torch.equal(cache, new_cache())
