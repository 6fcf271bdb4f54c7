"""Kernels and bytes of the stage's own files, outside model and attention."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.worker.execute import in_student_package
from autograder.worker.tensors import only_views, tensors_in

FILES = (
    "engine.py", "input_batch.py", "input_processor.py", "model_runner.py", "output_processor.py",
)  # fmt: skip


class Traffic(TorchDispatchMode):
    """Counts the kernels that the stage's own files start, and the bytes that these touch.

    A kernel is an operation that does more than show memory in another shape; its bytes are those
    of the tensors that it reads and writes, of an indexed one those that are picked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kernels = self.bytes = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: it would import the compiler, a second's work, at the first operation."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        schema = func._schema
        name = schema.name.partition("::")[2]
        given = tensors_in([*args, *(kwargs or {}).values()], torch.Tensor)
        made = tensors_in(result, torch.Tensor)
        works = schema.is_mutable or not only_views(made, given)
        if works and name not in ALLOCATIONS and _is_own():
            self.kernels += 1
            self.bytes += _touched(name, given, made)
        return result


ALLOCATIONS = ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided", "detach")
PICKS = ("index", "index_select", "gather", "embedding")
PUTS = ("index_put_", "_index_put_impl_", "index_copy_", "scatter_")
OVERWRITES = ("copy_", "fill_", "zero_")


def _is_own() -> bool:
    """True if the code that runs is the stage's, not the model's or an earlier stage's."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        path = PurePath(frame.f_code.co_filename)
        if path.name in FILES:
            return True
        ours = path.name == "meter_silent.py" and frame.f_code.co_name in SILENT_METHODS
        if ours or in_student_package(frame.f_code.co_filename):
            return False
        frame = frame.f_back
    return False


SILENT_METHODS = ("hidden_states", "logits", "write_kv_cache", "paged_attention")


def _touched(name: str, given: list[torch.Tensor], made: list[torch.Tensor]) -> int:
    written = sum(map(_bytes, made))
    if name in PICKS:
        return 2 * written
    if name in PUTS:
        return 2 * _bytes(given[-1])
    return written + sum(map(_bytes, given[name in OVERWRITES :]))


def _bytes(tensor: torch.Tensor) -> int:
    return int(tensor.numel()) * tensor.itemsize
