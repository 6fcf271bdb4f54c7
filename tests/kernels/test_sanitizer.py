"""The sanitizer sees, and would notice if a new Triton made it blind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernels.child import results

pytestmark = pytest.mark.timeout(300)  # a child that imports torch, on a busy machine


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What the cases gave, in one process that interprets."""
    return results("interpreted", "cases_sanitizer.py")


def test_known_kernels_are_seen_through(seen: dict[str, Any]) -> None:
    assert seen["selftest"] == []


@pytest.mark.parametrize(
    ("blinded", "said"),
    [
        ("no_loads", "load past the end is not found"),
        ("no_stores", "store past the end is not found"),
        ("no_atomics", "atomics are not seen"),
        ("no_products", "products are not counted"),
        ("no_bfloat16", "bfloat16 is computed wrongly"),
        ("no_races", "race is not found"),
        ("no_undefined", "load undefined is not found"),
        ("other_path", "a known kernel ends with"),
    ],
)
def test_the_self_test_notices_what_is_no_longer_seen(
    seen: dict[str, Any], blinded: str, said: str
) -> None:
    assert any(said in one for one in seen["blinded"][blinded]), seen["blinded"][blinded]


def test_bfloat16_rounds_to_nearest_even(seen: dict[str, Any]) -> None:
    assert seen["rounding"] == {"same": True, "nan": True}


def test_the_host_sees_other_numbers_than_kernels(seen: dict[str, Any]) -> None:
    told = seen["blindfold"]
    assert told["before"] == told["between"] == [9.0] * 6
    assert told["left"] is True
    assert told["after"] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert told["out"] == [1.0, 7.0, 3.0, 4.0, 5.0, 6.0]
    assert told["again"] == [5.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_triton_is_left_as_it_was(seen: dict[str, Any]) -> None:
    assert seen["left"] == {"builder": True, "executor": True, "language": True}


def test_a_process_is_of_one_kind(seen: dict[str, Any]) -> None:
    assert seen["other_kind"].startswith("RuntimeError")
    assert seen["fast_engine"].startswith("RuntimeError")


def test_an_error_of_the_kernel_s_own_comes_through(seen: dict[str, Any]) -> None:
    assert "InterpreterError" in seen["own_error"]["raised"]
