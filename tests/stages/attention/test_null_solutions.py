"""Who answers without working gets no numeric rule, and who lets torch work gets no kernel's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.judge.parents import Parents
from autograder.source.variants import copy_package
from tests.stages.attention.bench import REFERENCE, STAGE, Runner, passed_rules

SOFTMAX = """
import torch
from dataclasses import dataclass
@dataclass(frozen=True)
class SoftmaxState:
    maximum: torch.Tensor
    total: torch.Tensor
    weighted: torch.Tensor
def start(rows, size):
    return SoftmaxState(torch.zeros(rows), torch.zeros(rows), torch.zeros(rows, size))
def update(state, scores, values):
    return SoftmaxState(state.maximum, state.total, {update})
def merge(one, other): return one
def finish(state): return {finish}
"""
WRITE = """
import torch
def write_kv_cache(key, value, key_cache, value_cache, slot_mapping): {write}
"""
ATTEND = """
import torch
def paged_attention(query, key_cache, value_cache, block_table, seq_lens, query_start_loc, scale):
    return {out}
"""
ZEROS = {
    "update": "state.weighted",
    "finish": "state.weighted, state.total",
    "write": "key_cache.zero_(), value_cache.zero_()",
    "out": "torch.zeros_like(query)",
}
NULLS = {
    "zeros": ZEROS,
    "nothing": {**ZEROS, "finish": "None", "write": "pass", "out": "None"},
    "nan": {
        "update": "state.weighted",
        "finish": "state.weighted * float('nan'), state.total * float('nan')",
        "write": "key_cache.fill_(float('nan')), value_cache.fill_(float('nan'))",
        "out": "torch.full_like(query, float('nan'))",
    },
    "mean": {
        "update": "values.mean(0).expand(len(scores), -1)",
        "finish": "state.weighted, state.total",
        "write": "key_cache.copy_(key.mean().expand(key_cache.shape))",
        "out": "value_cache.nanmean((0, 1)).repeat_interleave(query.shape[1] //"
        " key_cache.shape[2], 0).expand(query.shape).contiguous()",
    },
    "echo": {
        "update": "values[:1].expand(len(scores), -1)",
        "finish": "state.weighted, state.maximum",
        "write": "key.clone()",
        "out": "query.clone()",
    },
    "empty": {
        "update": "state.weighted",
        "finish": "(torch.empty(0), torch.empty(0))",
        "write": "key_cache[:0].zero_()",
        "out": "torch.empty(0)",
    },
    "wrong dtype": {
        "update": "state.weighted",
        "finish": "state.weighted.double(), state.total.double()",
        "write": "torch.tensor(0)",
        "out": "torch.zeros_like(query, dtype=torch.float64)",
    },
    "wrong shape": {
        "update": "state.weighted",
        "finish": "state.weighted[None], state.total[None]",
        "write": "pass",
        "out": "torch.zeros_like(query)[..., :1]",
    },
    "exits": {
        "update": "__import__('sys').exit(0)",
        "finish": "None",
        "write": "__import__('sys').exit(0)",
        "out": "__import__('sys').exit(0)",
    },
}


@pytest.mark.parametrize("name", NULLS)
def test_a_null_solution_passes_no_rule(name: str, tmp_path: Path, parents: Parents) -> None:
    copy_package(REFERENCE, tmp_path)
    texts = {"online_softmax": SOFTMAX, "kv_cache_write": WRITE, "attention": ATTEND}
    for module, text in texts.items():
        file = tmp_path / "pagedlab" / f"{module}.py"
        file.write_text(text.format(**NULLS[name]), encoding="utf-8")
    with Runner(tmp_path, parents) as runner:
        assert passed_rules(runner) == []


def test_stand_ins_serve_proper_use_and_earn_no_kernels_points(
    tmp_path: Path, parents: Parents
) -> None:
    found = {file.name for file in (STAGE.folder / "stand_ins").glob("*.py")}
    assert found == set(STAGE.modules)
    copy_package(REFERENCE, tmp_path)
    for name in ("kv_cache_write.py", "attention.py"):
        shutil.copy(STAGE.folder / "stand_ins" / name, tmp_path / "pagedlab")
    with Runner(tmp_path, parents) as runner:
        assert set(passed_rules(runner)) == {"4.1", "4.2", "4.3"}
