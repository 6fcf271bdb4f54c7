"""Tensors become plain data by exact type, and none is too large, too odd or too clever for it."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.protocol.plain import decode, encode
from autograder.worker.tensors import plain_number, plain_tensor, plain_tensors, same_memory

torch = pytest.importorskip("torch")


def test_a_tensor_is_its_dtype_its_shape_and_its_numbers() -> None:
    shown = plain_tensor(torch.tensor([[1, 2], [3, 4]]).t(), torch.Tensor)
    assert shown == {"dtype": "int64", "shape": [2, 2], "values": [1, 3, 2, 4]}
    assert plain_tensor(torch.tensor(2.5), torch.Tensor) == {
        "dtype": "float32",
        "shape": [],
        "values": [2.5],
    }


def test_a_subclass_is_no_tensor() -> None:
    class Agreeable(torch.Tensor):  # type: ignore[misc]
        def __eq__(self, other: object) -> bool:
            return True

    shown = plain_tensor(torch.zeros(2).as_subclass(Agreeable), torch.Tensor)
    assert shown == {"type": "Agreeable"}


@pytest.mark.parametrize(
    "odd",
    [
        torch.empty(3, device="meta"),
        torch.zeros(1).expand(10**12),
        torch.eye(3).to_sparse(),
        torch.zeros(2, dtype=torch.complex64),
        torch.full((3,), float("nan")),
        torch.tensor([float("inf")]),
        [torch.zeros(1)] * 100,
        (1, None, "x"),
        object(),
    ],
    ids=lambda odd: type(odd).__name__,
)
def test_whatever_comes_back_can_be_sent(odd: Any) -> None:
    shown = plain_tensors(odd, torch.Tensor)
    assert decode(encode(shown)) == shown


def test_what_is_not_finite_is_a_word() -> None:
    assert [plain_number(value) for value in (1.5, float("nan"), float("-inf"))] == [
        1.5,
        "nan",
        "-inf",
    ]


def test_a_view_lies_in_the_same_memory_and_a_copy_does_not() -> None:
    base = torch.zeros(4)
    assert same_memory(base[1:], base)
    assert not same_memory(base.clone(), base)
