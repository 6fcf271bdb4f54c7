"""Who answers without working gets no numeric rule: zeros, an echo, nothing, NaN, another dtype."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.source.variants import copy_package
from tests.stages.address_translation.bench import (
    REFERENCE,
    STAGE,
    Runner,
    costs_module,
    passed_rules,
)

HEAD = """
import torch
PAD_SLOT_ID = -1
AXES = NHD = HND = ("layer", "kv", "block", "offset", "head", "dim")
INT = dict(dtype=torch.int64)
def honest_slots(table, starts, positions, size):
    counts = starts.diff()
    rows = torch.arange(len(counts)).repeat_interleave(counts)
    slots = torch.full_like(positions, -1)
    mine = positions[: len(rows)]
    slots[: len(rows)] = table[rows, mine // size].long() * size + mine % size
    return slots
"""
FUNCTIONS = {
    "address_translation.py": """
def position_to_block(position, block_size): return {pair}
def position_to_slot(position, block_table, block_size): return {number}
def slot_to_block(slot, block_size): return {pair}
def find_owner(slot, block_tables, num_tokens, block_size): return {owner}
def compute_slot_mapping(block_table, query_start_loc, positions, block_size): return {slots}
def split_slots(slots, block_size): return {halves}
""",
    "kv_cache_layout.py": """
class KVCacheLayout:
    def __init__(self, shape, strides): self.shape, self.strides = shape, strides
    @classmethod
    def contiguous(cls, shape, order=NHD): return cls(shape, {strides})
    def element_offset(self, layer, kv, slot, head, dim): return {number}
    def element_offsets(self, layer, kv, slots): return {offsets}
    def locate_element(self, element_offset): return {five}
    def view(self, storage): return {view}
""",
    "kv_cache_ops.py": """
def write_kv(cache, layer, keys, values, slot_mapping): {write}
def gather_kv(cache, layer, slot_mapping): return {rows}
""",
}
ZEROS = {
    "pair": "(0, 0)",
    "number": "0",
    "owner": "(0, 0)",
    "slots": "torch.zeros_like(positions)",
    "halves": "(torch.zeros_like(slots), torch.zeros_like(slots))",
    "strides": "(0,) * 6",
    "offsets": "torch.zeros(len(slots), **INT)",
    "five": "(0,) * 5",
    "view": "torch.zeros(self.shape, **INT)",
    "write": "cache.zero_()",
    "rows": "(cache.new_zeros(len(slot_mapping), *cache.shape[4:]),) * 2",
}
NOTHING = {
    **dict.fromkeys(ZEROS, "None"),
    "strides": "()",
    "write": "pass",
}
EMPTY = {
    **ZEROS,
    "pair": "()",
    "number": "[]",
    "owner": "()",
    "slots": "torch.empty(0, **INT)",
    "halves": "(torch.empty(0, **INT),) * 2",
    "strides": "()",
    "offsets": "torch.empty(0, **INT)",
    "five": "()",
    "view": "storage[:0]",
    "write": "pass",
    "rows": "(cache.new_empty(0), cache.new_empty(0))",
}
ECHO = {
    "pair": "(locals().get('position', locals().get('slot')), block_size)",
    "number": "locals().get('position', locals().get('slot'))",
    "owner": "(slot, slot)",
    "slots": "positions.clone()",
    "halves": "(slots.clone(), slots.clone())",
    "strides": "tuple(shape)",
    "offsets": "slots.long()",
    "five": "(0, 0, element_offset, 0, 0)",
    "view": "storage",
    "write": "cache[layer, 0, 0, :1] = keys[:1]",
    "rows": "(cache[layer, 0].flatten(0, 1), cache[layer, 1].flatten(0, 1))",
}
NAN = {
    **ZEROS,
    "pair": "(float('nan'), float('nan'))",
    "number": "float('nan')",
    "owner": "(float('nan'), 0)",
    "slots": "torch.full(positions.shape, float('nan'))",
    "halves": "(torch.full(slots.shape, float('nan')),) * 2",
    "strides": "(float('nan'),) * 6",
    "offsets": "torch.full((len(slots),), float('nan'))",
    "five": "(float('nan'),) * 5",
    "view": "torch.full(self.shape, float('nan'))",
    "write": "cache.fill_(float('nan'))",
    "rows": "(cache.new_full((len(slot_mapping), *cache.shape[4:]), float('nan')),) * 2",
}
WRONG_DTYPE = {
    **ZEROS,
    "pair": "tuple(map(float, divmod(locals().get('position', locals().get('slot')), block_size)))",
    "number": "torch.tensor(0)",
    "owner": "(True, False)",
    "slots": "honest_slots(block_table, query_start_loc, positions, block_size).double()",
    "halves": "(torch.div(slots, block_size).floor(), slots % block_size)",
    "strides": "(1.0,) * 6",
    "offsets": "slots.double()",
    "five": "(0.0,) * 5",
    "view": "storage.double().as_strided(self.shape, self.strides)",
    "write": "cache.copy_(cache.double().mean())",
    "rows": "(cache.new_zeros(len(slot_mapping), *cache.shape[4:], dtype=torch.float64),) * 2",
}
NULLS = {
    "zeros": ZEROS,
    "nothing": NOTHING,
    "empty": EMPTY,
    "echo": ECHO,
    "nan": NAN,
    "wrong dtype": WRONG_DTYPE,
}


def write(null: dict[str, str], folder: Path) -> Path:
    copy_package(REFERENCE, folder)
    for name, text in FUNCTIONS.items():
        (folder / "pagedlab" / name).write_text(HEAD + text.format(**null), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", NULLS)
def test_a_null_solution_fails_every_rule(name: str, tmp_path: Path) -> None:
    with Runner(write(NULLS[name], tmp_path)) as runner:
        assert passed_rules(runner) == []


@pytest.mark.parametrize("name", NULLS)
@pytest.mark.parametrize("case", ["translate", "store"])
def test_no_cost_is_measured_of_a_null_solution(name: str, case: str, tmp_path: Path) -> None:
    costs = costs_module()
    judge = _Judge()
    with Runner(write(NULLS[name], tmp_path)) as runner:
        try:
            reply = runner.work(f"{case}_kernels", STAGE.sizes.small)
        except Exception:  # what raises is not measured, either
            return
    try:
        wrong = costs.verify(judge)(f"{case}_kernels", reply["outputs"])
    except (KeyError, TypeError, ValueError, IndexError):
        wrong = "outputs of another shape than agreed"
    assert wrong


def test_the_right_outputs_are_accepted() -> None:
    costs = costs_module()
    with Runner(REFERENCE) as runner:
        for case in ("translate", "translate_bytes", "store_kernels"):
            for size in (STAGE.sizes.small, STAGE.sizes.large):
                reply = runner.work(case, size)
                assert costs.verify(_Judge())(case, reply["outputs"]) == ""


class _Judge:
    """As much of a judge as the costs' tests look at."""

    class session:  # noqa: N801
        stage = STAGE
