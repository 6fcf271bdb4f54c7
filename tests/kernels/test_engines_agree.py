"""The C lane gives what the interpreter gives: results within rounding, counts to the byte."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.kernels.child import results

ROUNDING = {"bfloat16": 2**-7, "float16": 2**-10}
GROUPS = (
    "add", "softmax", "matmul_of_strided", "paged_attention", "write_kv_cache", "atomics",
    "control", "operations",
)  # fmt: skip

pytestmark = pytest.mark.timeout(300)  # children that import torch, on a busy machine


@pytest.fixture(scope="module")
def seen() -> tuple[dict[str, Any], dict[str, Any]]:
    """What the cases gave: interpreted, and as C."""
    return results("interpreted", "cases_engines.py"), results("compiled", "cases_engines.py")


@pytest.mark.parametrize("group", GROUPS)
def test_results_agree_within_rounding(
    seen: tuple[dict[str, Any], dict[str, Any]], group: str
) -> None:
    interpreted, as_c = (one[group] for one in seen)
    assert set(interpreted) == set(as_c) and "raised" not in interpreted
    for name, one in interpreted.items():
        step = next((step for kind, step in ROUNDING.items() if kind in name), 2**-20)
        pairs = zip(one["result"], as_c[name]["result"], strict=True)
        largest = max(map(abs, one["result"]))
        wrong = [
            pair for pair in pairs if not math.isclose(*pair, rel_tol=0, abs_tol=step * largest)
        ]
        assert not wrong, (name, wrong[:3])


@pytest.mark.parametrize("group", GROUPS)
def test_counts_agree_to_the_byte(seen: tuple[dict[str, Any], dict[str, Any]], group: str) -> None:
    interpreted, as_c = (one[group] for one in seen)
    for name, one in interpreted.items():
        assert one["launches"] and one["launches"] == as_c[name]["launches"], name


def test_integers_agree_exactly(seen: tuple[dict[str, Any], dict[str, Any]]) -> None:
    interpreted, as_c = (one["operations"] for one in seen)
    for name in ("integers", "int8_dot", "mixed"):
        assert interpreted[name]["result"] == as_c[name]["result"]


def test_the_kernel_of_the_tests_is_right(seen: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Else two engines could agree on nonsense."""
    import torch

    from kernel_lanes.problem import build, expected
    from kernel_lanes.shapes import CHECKED

    for shape in CHECKED:
        wanted = expected(build(shape)).flatten()
        given = torch.tensor(seen[1]["paged_attention"][shape.name]["result"], dtype=torch.float64)
        assert torch.allclose(given, wanted, rtol=0.02, atol=0.04), shape.name
