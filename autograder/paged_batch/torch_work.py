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
    + ("new_full", "fill_", "zero_", "detach", "_local_scalar_dense")
)
"""Making tensors, and filling them with one number."""
MOST_INTEGERS = 1 << 16
"""Elements of an integer tensor beyond which it is no table of a batch, but data in disguise."""


class TorchWork(TorchDispatchMode):
    """Active in `with`. `found` names the operations that computed with what a kernel should.

    Allocating, filling and showing in another shape are free, and so is arithmetic on the batch's
    integers. What reads or writes floating-point numbers is work.
    """

    def __init__(self) -> None:
        """Nothing has been found yet."""
        super().__init__()
        self.found: list[str] = []

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
        if name not in FREE and not _shows(func):
            given = [*args, *(kwargs or {}).values(), result]
            if any(map(_is_data, tensors_in(given, torch.Tensor))) and name not in self.found:
                self.found.append(name)
        return result


def _shows(func: Any) -> bool:
    """True if the operation gives a view, and writes nothing."""
    returned = func._schema.returns
    alias = [one.alias_info for one in returned]
    return bool(returned) and all(one is not None and not one.is_write for one in alias)


def _is_data(tensor: torch.Tensor) -> bool:
    return bool(tensor.is_floating_point() or tensor.numel() > MOST_INTEGERS)
