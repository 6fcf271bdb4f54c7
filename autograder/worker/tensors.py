"""Tensors as plain data, for drivers of stages that need torch. Does not import it."""

from __future__ import annotations

import math
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import plain

MOST_NUMBERS = 20_000
"""Elements beyond which a tensor is not what any program asks for."""


def plain_tensor(value: Any, kind: Any) -> Json:
    """A tensor's dtype, shape and numbers in row-major order; of anything else what `plain` says.

    Args:
        value: what a student's code returned.
        kind: `torch.Tensor`, exactly: a subclass could compare equal to everything.
    """
    if type(value) is not kind:
        return plain(value)
    if value.device.type != "cpu" or str(value.layout) != "torch.strided":
        return {"type": f"{kind.__name__}, {value.layout} on {value.device.type}"}
    if value.numel() > MOST_NUMBERS:
        return {"type": f"{kind.__name__} of {value.numel()} elements"}
    dtype = str(value.dtype).removeprefix("torch.")
    numbers = [plain_number(one) for one in value.flatten().tolist()]
    return {"dtype": dtype, "shape": list(value.shape), "values": numbers}


def plain_tensors(value: Any, kind: Any) -> Json:
    """A tuple of tensors, each as plain data; of anything else what `plain_tensor` says."""
    if type(value) not in (tuple, list):
        return plain_tensor(value, kind)
    return [plain_tensor(part, kind) for part in value[:8]]


def plain_number(value: Any) -> Json:
    """A number of a tensor; as text if it is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return plain(value)


def same_memory(one: Any, other: Any) -> bool:
    """True if two tensors lie in one piece of memory."""
    return bool(one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr())


def tensors_in(value: Any, kind: Any) -> list[Any]:
    """The tensors, of type `kind` or below, in nested lists and tuples, in order."""
    if isinstance(value, kind):
        return [value]
    if isinstance(value, list | tuple):
        return [tensor for part in value for tensor in tensors_in(part, kind)]
    return []


def only_views(made: list[Any], given: list[Any]) -> bool:
    """True if an operation made tensors, and all lie in the memory of those that it was given."""
    known = {one.untyped_storage().data_ptr() for one in given}
    return bool(made) and all(one.untyped_storage().data_ptr() in known for one in made)
