"""The reference's own tests of stage 3, part two: where elements lie."""

from __future__ import annotations

import pytest
import torch

from pagedlab.errors import UnknownSlot
from pagedlab.kv_cache_layout import AXES, HND, NHD, KVCacheLayout

SHAPE = (2, 2, 5, 4, 3, 8)
PER_BLOCK = ("layer", "block", "kv", "offset", "head", "dim")
HUGE = KVCacheLayout.contiguous((80, 2, 40_000, 16, 8, 128))


def test_a_contiguous_layout_has_its_axes_in_order() -> None:
    assert KVCacheLayout.contiguous(SHAPE).strides == (960, 480, 96, 24, 8, 1)
    assert KVCacheLayout.contiguous(SHAPE, HND).strides == (960, 480, 96, 8, 32, 1)
    assert KVCacheLayout.contiguous(SHAPE, PER_BLOCK).strides == (960, 96, 192, 24, 8, 1)


@pytest.mark.parametrize("order", [NHD[:5], (*NHD[:5], "head")])
def test_an_order_without_all_axes_raises(order: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):
        KVCacheLayout.contiguous(SHAPE, order)


@pytest.mark.parametrize("order", [NHD, HND, PER_BLOCK])
def test_an_element_lies_where_torch_finds_it(order: tuple[str, ...]) -> None:
    layout = KVCacheLayout.contiguous(SHAPE, order)
    cache = torch.arange(1920).as_strided(layout.shape, layout.strides)
    for index in ((0, 0, 0, 0, 0, 0), (1, 0, 2, 3, 2, 7), (0, 1, 4, 1, 0, 5)):
        layer, kv, block, offset, head, dim = index
        place = int(cache[index])
        slot = block * 4 + offset
        assert layout.element_offset(layer, kv, slot, head, dim) == place
        assert layout.locate_element(place) == (layer, kv, slot, head, dim)
    slots = torch.tensor([0, 7, 4, -1, 19], dtype=torch.int32)
    first = cache[1, 1, :, :, 0, 0].flatten()
    wanted = [-1 if slot < 0 else int(first[slot]) for slot in slots.tolist()]
    assert layout.element_offsets(1, 1, slots).tolist() == wanted


def test_gaps_between_blocks_are_stepped_over() -> None:
    layout = KVCacheLayout((1, 2, 3, 2, 1, 2), (100, 40, 10, 2, 2, 1))
    assert layout.element_offset(0, 1, 3, 0, 1) == 53
    assert layout.element_offsets(0, 0, torch.tensor([2, 5])).tolist() == [10, 22]
    assert layout.locate_element(53) == (0, 1, 3, 0, 1)
    for offset in (4, 9, 30, 64, 100, -1):
        with pytest.raises(ValueError):
            layout.locate_element(offset)


def test_what_is_not_of_the_cache_raises() -> None:
    layout = KVCacheLayout.contiguous(SHAPE)
    for slot in (-1, 20):
        with pytest.raises(UnknownSlot):
            layout.element_offset(0, 0, slot, 0, 0)
    for layer, kv, head, dim in ((2, 0, 0, 0), (0, 2, 0, 0), (0, 0, 3, 0), (0, 0, 0, -1)):
        with pytest.raises(ValueError):
            layout.element_offset(layer, kv, 0, head, dim)


def test_axes_of_size_one_lead_nowhere() -> None:
    layout = KVCacheLayout.contiguous((1, 2, 3, 4, 1, 5))
    assert layout.locate_element(66) == (0, 1, 1, 0, 1)
    assert {layout.locate_element(place) for place in range(120)} == {
        (0, kv, slot, 0, dim) for kv in (0, 1) for slot in range(12) for dim in range(5)
    }


def test_offsets_beyond_32_bits_are_exact() -> None:
    slots = torch.tensor([131_072, 639_999], dtype=torch.int32)
    assert HUGE.element_offsets(0, 0, slots * 1).tolist() == [134_217_728, 655_358_976]
    assert HUGE.element_offsets(79, 1, slots).tolist() == [
        HUGE.element_offset(79, 1, slot, 0, 0) for slot in slots.tolist()
    ]
    wide = KVCacheLayout((1, 2, 40_000, 16, 8, 128), (1, 1 << 40, 1_000_000, 1024, 128, 1))
    assert wide.element_offsets(0, 0, slots).tolist() == [8_192_000_000, 39_999_015_360]


def test_a_view_is_the_memory_itself() -> None:
    layout = KVCacheLayout.contiguous((1, 2, 2, 3, 1, 2), HND)
    storage = torch.zeros(24)
    shown = layout.view(storage)
    assert shown.shape == torch.Size(layout.shape)
    shown[0, 1, 1, 2, 0, 1] = 7
    assert storage.nonzero().tolist() == [[23]]
    with pytest.raises(ValueError):
        layout.view(storage[:23])


def test_the_axes_have_their_names() -> None:
    assert sorted(NHD) == sorted(HND) == sorted(AXES)
