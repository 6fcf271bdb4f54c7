"""The reference is no kernel for an interpreter only: it compiles well for real GPUs.

In a process of its own, for Triton is either interpreted or compiled in one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from tests.stages.attention.bench import REFERENCE, ROOT

PROGRAM = """
import kernel_lanes.compile_mode
import json, torch
from kernel_lanes.capture import capture
from kernel_lanes.compile import compile_launches
from kernel_lanes.problem import build
from kernel_lanes.shapes import SERVING
from kernel_lanes.virtual import virtual_tensor
from pagedlab.attention import paged_attention
from pagedlab.kv_cache_write import write_kv_cache

facts = {}
for shape in SERVING[:3]:
    with capture() as seen:
        build(shape, virtual=True).run(paged_attention)
    facts[shape.name] = [one.plain() for one in compile_launches(seen.launches)]
with capture() as seen:
    half = torch.float16
    both = [virtual_tensor((64, 8, 128), half) for _ in "kv"]
    caches = [virtual_tensor((4096, 16, 8, 128), half) for _ in "kv"]
    write_kv_cache(*both, *caches, virtual_tensor((64,), torch.int64))
facts["write 64"] = [one.plain() for one in compile_launches(seen.launches)]
print(json.dumps(facts))
"""
pytestmark = pytest.mark.timeout(300)


@cache
def facts() -> dict[str, list[dict[str, Any]]]:
    """By batch: what each of its kernels is compiled to, for both targets."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{REFERENCE}", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return found


def test_every_kernel_compiles_for_both_targets_and_spills_nothing() -> None:
    kernels = [one for found in facts().values() for one in found]
    assert {one["target"] for one in kernels} == {"sm_80", "sm_90"}
    bad = [one for one in kernels if one["error"] or one["spill_stores"] or one["spill_loads"]]
    assert bad == []


def test_products_run_on_tensor_cores_and_caches_are_read_16_bytes_at_a_time() -> None:
    main = [one for one in sum(facts().values(), []) if one["kernel"] == "_attention_kernel"]
    assert len(main) >= 6
    for one in main:
        assert one["tensor_core"] > 0, one
        assert one["loads_wide"] > 3 * one["loads_narrow"] or one["loads_wide"] >= 32, one


def test_a_copy_is_made_16_bytes_at_a_time() -> None:
    for one in facts()["write 64"]:
        assert one["loads_wide"] >= 2 and one["stores_wide"] >= 2, one
