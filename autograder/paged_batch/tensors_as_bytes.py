"""Tensors on their way from the worker to the judge: dtype, shape and bytes as text.

The judge reads them with numpy. What they say is a claim; what has another form is none.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 1 << 22
ITEM = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "int32": 4, "int64": 8}


class NoTensor(ValueError):
    """What came back is no tensor of a form that can be judged. Says what it is."""


@dataclass(frozen=True)
class Shown:
    """A tensor that the worker reports: its dtype, and its numbers in float64."""

    dtype: str
    numbers: NDArray[np.float64]


def to_text(tensor: Any) -> dict[str, Any]:
    """A CPU tensor's dtype, shape and bytes. Runs in the worker."""
    import torch  # not for the judge, who reads what comes of it

    if tensor.device.type != "cpu" or str(tensor.layout) != "torch.strided":
        return {"type": f"tensor, {tensor.layout} on {tensor.device.type}"}
    if tensor.numel() * tensor.element_size() > MOST_BYTES:
        return {"type": f"tensor of {tensor.numel()} elements"}
    # Not by its storage: that would be read byte by byte, and a view's may be any size.
    plain = tensor.detach().resolve_conj().resolve_neg().contiguous().flatten()
    data = plain.view(torch.uint8).numpy().tobytes()
    dtype = str(tensor.dtype).removeprefix("torch.")
    return {"dtype": dtype, "shape": list(tensor.shape), "data": base64.b64encode(data).decode()}


def from_text(data: Any) -> Shown:
    """Read a tensor back. Runs in the judge.

    Raises:
        NoTensor: it is none.
    """
    if not isinstance(data, dict) or set(data) != {"dtype", "shape", "data"}:
        what = data.get("type") if isinstance(data, dict) else data
        raise NoTensor(f"{what}"[:200])
    dtype, shape, text = data["dtype"], data["shape"], data["data"]
    if not isinstance(shape, list) or not all(type(n) is int and 0 <= n < 1 << 31 for n in shape):
        raise NoTensor("a tensor of no shape")
    if dtype not in ITEM or not isinstance(text, str):
        raise NoTensor(f"a tensor of {dtype} {shape}"[:200])
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise NoTensor("a tensor without numbers") from None
    if len(raw) != ITEM[dtype] * int(np.prod(shape, dtype=object)):
        raise NoTensor("a tensor with more or fewer numbers than its shape says")
    if dtype == "bfloat16":
        numbers = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        code = {"float16": "<f2", "float32": "<f4", "float64": "<f8", "int32": "<i4"}
        numbers = np.frombuffer(raw, code.get(dtype, "<i8"))
    return Shown(dtype, numbers.astype(np.float64).reshape(shape))
