"""Watches torch operations that run beside kernels: which, and what memory they leave undefined.

New memory of `torch.empty` and its kin is filled with a value that no honest result has, so that
what a kernel does not write is seen in the outputs too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from kernel_lanes.memory import Memory

ALLOCATING = ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided")
MOST_POISONED = 1 << 28
"""Bytes up to which new memory is filled; larger, and it would be the watcher that needs it."""


class Spy(TorchDispatchMode):
    """Active in `with`. `operations` counts what ran, by name."""

    def __init__(self, memory: Memory | None) -> None:
        """Tell `memory`, if there is one, what is undefined and what has been written."""
        super().__init__()
        self.operations: Counter[str] = Counter()
        self._memory = memory

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """False: else the first operation imports all of torch's compiler, for over a second."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one operation and note it."""
        out = func(*args, **(kwargs or {}))
        name = func.name().removeprefix("aten::").split(".")[0]
        self.operations[name] += 1
        if name in ALLOCATING:
            self._allocated(out)
        elif self._memory is not None:
            for tensor in _written_by(func, args, kwargs or {}):
                self._memory.written(tensor)
            # What an operation returns is defined, also at an address that was not before.
            for tensor in out if isinstance(out, tuple | list) else (out,):
                if isinstance(tensor, torch.Tensor) and not _is_view(func):
                    self._memory.written(tensor)
        return out

    def _allocated(self, tensor: torch.Tensor) -> None:
        if tensor.device.type != "cpu" or not tensor.numel():
            return
        if tensor.untyped_storage().nbytes() <= MOST_POISONED:
            if tensor.dtype.is_floating_point:
                tensor.fill_(float("nan"))
            elif tensor.dtype != torch.bool:
                tensor.untyped_storage().fill_(0x7F)
        if self._memory is not None:
            self._memory.undefined(tensor)


def _is_view(func: Any) -> bool:
    return any(one.alias_info is not None for one in func._schema.returns)


def _written_by(
    func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> list[torch.Tensor]:
    """The tensor arguments that an operation's schema says it writes to."""
    schema: Any = func._schema  # type: ignore[attr-defined]
    given = {one.name: value for one, value in zip(schema.arguments, args, strict=False)}
    given.update(kwargs)
    written = (
        given.get(one.name)
        for one in schema.arguments
        if one.alias_info and one.alias_info.is_write
    )
    return [one for one in written if isinstance(one, torch.Tensor)]
