"""Host code run without its kernels: what it launches, at shapes that no memory here would hold."""

from __future__ import annotations

from typing import Any

import pytest

from kernel_lanes.facts import CaptureFacts, KernelFacts
from kernel_lanes.shapes import SERVING
from tests.kernels.child import HERE, results

pytestmark = pytest.mark.timeout(300)  # children that import torch, on a busy machine


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What the cases gave, in one process that compiles."""
    return results("compiled", "cases_compile.py")


def test_serving_shapes_are_captured_with_their_grids(seen: dict[str, Any]) -> None:
    grids = []
    for one in seen["serving_shapes"]["captured"]:
        (launch,) = CaptureFacts.from_plain(one["facts"]).launches
        grids.append(launch.grid)
    longest = [max(new for new, _ in shape.sequences) for shape in SERVING]
    assert grids == [
        (len(shape.sequences), shape.kv_heads, most)
        for shape, most in zip(SERVING, longest, strict=True)
    ]


def test_a_captured_kernel_leaves_its_output_undefined(seen: dict[str, Any]) -> None:
    assert not any(one["finite"] for one in seen["serving_shapes"]["captured"])


def test_arguments_are_told_with_type_shape_and_strides(seen: dict[str, Any]) -> None:
    facts = CaptureFacts.from_plain(seen["serving_shapes"]["captured"][0]["facts"])
    cache = next(one for one in facts.launches[0].tensors if one.name == "key_cache")
    assert (cache.dtype, cache.aligned) == ("float16", True)
    assert cache.shape == (SERVING[0].blocks + 1, 16, 8, 128)
    assert cache.strides == (16 * 8 * 128, 8 * 128, 128, 1)


def test_torch_operations_beside_the_kernels_are_told(seen: dict[str, Any]) -> None:
    facts = CaptureFacts.from_plain(seen["serving_shapes"]["captured"][0]["facts"])
    assert facts.operations["empty_like"] == 1


def test_caches_of_gigabytes_take_no_memory(seen: dict[str, Any]) -> None:
    assert seen["serving_shapes"]["resident_mb"] < 1500
    virtual = seen["virtual_tensors"]
    assert virtual == {"size": 1 << 33, "sum": 0.0, "apart": True, "aligned": True, "empty": [0, 3]}


def test_every_way_to_launch_is_captured_once(seen: dict[str, Any]) -> None:
    assert seen["launch_forms"] == [
        [[4, 1, 1], {"n": 100, "BLOCK": 25}, 8, [1]],
        [[7, 1, 1], {"n": 100, "BLOCK": 32}, 4, [1]],
        [[1, 2, 3], {"n": 100, "BLOCK": 16}, 4, [1]],
    ]


def test_a_kernel_compiles_for_gpus_that_are_not_there(seen: dict[str, Any]) -> None:
    a100, h100, mi300 = map(KernelFacts.from_plain, seen["serving_shapes"]["compiled"])
    for facts in (a100, h100, mi300):
        assert facts.error == ""
        assert facts.spill_stores == facts.spill_loads == facts.stack == 0
        assert 32 <= facts.registers <= 255
        assert facts.tensor_core > 0 and facts.instructions > 100
        assert facts.grid == (64, 8, 1)
    assert [one.target for one in (a100, h100, mi300)] == ["sm_80", "sm_90", "gfx942"]
    assert a100.wide_share > 0.5 and h100.wide_share > 0.5
    assert 0 < a100.shared < 166_912


def test_launches_that_specialize_alike_are_compiled_once(seen: dict[str, Any]) -> None:
    compiled = [KernelFacts.from_plain(one) for one in seen["different_specializations"]]
    assert [one.grid for one in compiled] == [(8, 1, 1), (8, 1, 1)]


@pytest.mark.parametrize(
    ("kernel", "line", "words"),
    [
        ("changes_type", "type", "Loop-carried variable total"),
        ("dot_too_small", "dot", "K >= 16"),
        ("python_inside", "dict", "Dict"),
        ("calls_helper", "helper", "MatMult"),
        ("unknown_name", "name", "undefined_factor is not defined"),
        ("mixed_atomic", "atomic", "ptr type matches value type"),
    ],
)
def test_what_the_compiler_refuses_is_told_by_the_line_of_the_source(
    seen: dict[str, Any], kernel: str, line: str, words: str
) -> None:
    lines = (HERE / "refused.py").read_text(encoding="utf-8").splitlines()
    number = next(i for i, text in enumerate(lines, start=1) if f"# refused: {line}" in text)
    told = seen["refused"][kernel]
    assert words in told
    assert told.startswith(f"refused.py:{number}: ")
