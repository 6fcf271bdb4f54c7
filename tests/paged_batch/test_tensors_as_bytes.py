"""What a worker says of a tensor is read without trust."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from autograder.paged_batch.tensors_as_bytes import NoTensor, from_text

DATA = base64.b64encode(np.arange(6, dtype="<f4").tobytes()).decode()
GOOD = {"dtype": "float32", "shape": [2, 3], "data": DATA}


def test_numbers_come_back_in_their_shape() -> None:
    shown = from_text(GOOD)
    assert (shown.dtype, shown.numbers.tolist()) == ("float32", [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])


def test_bfloat16_is_read_by_its_bits() -> None:
    bits = np.array([0x3F80, 0xC000, 0x7FC0], dtype="<u2").tobytes()
    shown = from_text({"dtype": "bfloat16", "shape": [3], "data": base64.b64encode(bits).decode()})
    assert shown.numbers[:2].tolist() == [1.0, -2.0] and np.isnan(shown.numbers[2])


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {"type": "ndarray"},
        {**GOOD, "more": 1},
        {**GOOD, "dtype": "object"},
        {**GOOD, "shape": [7]},
        {**GOOD, "shape": [-2, -3]},
        {**GOOD, "shape": [True, 6]},
        {**GOOD, "shape": [1 << 40, 1 << 40]},
        {**GOOD, "shape": "23"},
        {**GOOD, "data": "????"},
        {**GOOD, "data": 7},
        {**GOOD, "data": DATA[:-4]},
    ],
)
def test_anything_else_is_no_tensor(wrong: Any) -> None:
    with pytest.raises(NoTensor):
        from_text(wrong)
