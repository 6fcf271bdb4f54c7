"""The given attention in plain torch is the dense one, and backends are found by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stages.engine.bench import REFERENCE

ROOT = Path(__file__).resolve().parents[3]
COMPARE = """
import torch
from language_model.attention import causal_attention
from pagedlab.torch_attention import paged_attention, write_kv_cache

torch.manual_seed(0)
P, HEADS, KV, SIZE = 4, 6, 2, 8
lengths, new = [9, 4, 1, 16, 7], [1, 4, 1, 5, 1]
tables = [[7, 2, 9], [4], [11], [1, 12, 3, 8], [6, 10]]
caches = [torch.full((14, P, KV, SIZE), torch.nan) for _ in range(2)]
dense = [[torch.randn(count, KV, SIZE) for count in lengths] for _ in range(2)]
query = [torch.randn(count, HEADS, SIZE) for count in new]
slots = [
    table[position // P] * P + position % P
    for table, count in zip(tables, lengths) for position in range(count)
]
pad = torch.full((2, KV, SIZE), torch.nan)
given = [torch.cat([*one, pad]) for one in dense]
write_kv_cache(*given, *caches, torch.tensor([*slots, -1, -1]))
table = torch.zeros(5, 6, dtype=torch.int32)
for row, ids in enumerate(tables):
    table[row, : len(ids)] = torch.tensor(ids)
starts = torch.tensor([0, *new]).cumsum(0).to(torch.int32)
found = paged_attention(
    torch.cat(query), *caches, table, torch.tensor(lengths, dtype=torch.int32), starts, SIZE**-0.5
)
due = torch.cat([causal_attention(*one) for one in zip(query, *dense)])
assert torch.allclose(found, due, atol=1e-5), (found - due).abs().max()
empty = sum(int(cache.isnan().all(-1).all(-1).sum()) for cache in caches)
assert empty == 2 * (14 * P - len(slots))
"""
NAMES = """
import torch
from pagedlab.attention_backend import get_attention_backend
assert get_attention_backend("torch").__name__ == "pagedlab.torch_attention"
names = ["nothing"] if torch.cuda.is_available() else ["nothing", "triton"]
for name in names:
    try:
        get_attention_backend(name)
    except ValueError as error:
        assert name in str(error), error
    else:
        raise AssertionError(name)
"""


@pytest.mark.parametrize("code", [COMPARE, NAMES], ids=["compare", "names"])
def test_backends_do_what_they_say(code: str) -> None:
    head = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(REFERENCE)!r}]\n"
    done = subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
