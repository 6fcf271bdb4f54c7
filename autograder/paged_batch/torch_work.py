"""What torch computes beside the kernels. Runs in the worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.worker.tensors import tensors_in

FREE = frozenset(
    ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided")
    + ("zeros", "zeros_like", "new_zeros", "ones", "ones_like", "new_ones", "full", "full_like")
    + ("new_full", "fill_", "zero_", "detach")
)
"""Making tensors, and filling them with one number."""
FILLS, FROM_PYTHON = ("fill_", "zero_"), "lift_fresh"
NAMES = {FROM_PYTHON: "tensor (of Python's numbers)", "_local_scalar_dense": "item"}
"""What an operation is called in a program, if not as torch calls it."""
MOST_NUMBERS = 16
"""Floating-point numbers that Python may bring in one tensor, or fill in one call, one by one."""
MOST_INTEGERS = 1 << 16
"""Elements of an integer tensor beyond which it is no table of a batch, but data in disguise."""


class TorchWork(TorchDispatchMode):
    """Active in `with`. `found` names the operations that computed with what a kernel should.

    Allocating, filling and showing in another shape are free, and so is arithmetic on the batch's
    integers. What reads or writes floating-point numbers is work, also if it gives them to Python
    or takes them from there.
    """

    def __init__(self) -> None:
        """Nothing has been found yet."""
        super().__init__()
        self.found: list[str] = []
        self._fills = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: it would import the compiler, a second's work, at the first operation."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one operation, and note it if it is work."""
        result = func(*args, **(kwargs or {}))
        name = func._schema.name.partition("::")[2]
        given = tensors_in([*args, *(kwargs or {}).values(), result], torch.Tensor)
        told = NAMES.get(name, name)
        if told not in self.found and self._is_work(name, func, given):
            self.found.append(told)
        return result

    def _is_work(self, name: str, func: Any, given: Sequence[torch.Tensor]) -> bool:
        if name in FILLS:
            self._fills += any(one.is_floating_point() for one in given)
            return self._fills > MOST_NUMBERS
        if name == FROM_PYTHON:
            return any(one.is_floating_point() and one.numel() > MOST_NUMBERS for one in given)
        return name not in FREE and not _shows(func) and any(map(_is_data, given))


def _shows(func: Any) -> bool:
    """True if the operation gives a view, and writes nothing."""
    returned = func._schema.returns
    alias = [one.alias_info for one in returned]
    return bool(returned) and all(one is not None and not one.is_write for one in alias)


def _is_data(tensor: torch.Tensor) -> bool:
    return bool(tensor.is_floating_point() or tensor.numel() > MOST_INTEGERS)
