"""Stage 3's performance workload: one batch of 256 requests, translated, written and read.

Counts interpreter steps, kernels and bytes. A kernel is an operation that PyTorch dispatches and
that does more than show memory in another shape; its bytes are those of the tensors that it reads
and writes. Work that leaves the tensors is not free: a step of Python counts as an object of 32
bytes, and a hundred of them as a kernel. What is reported is a claim; the judge checks the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from types import ModuleType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from autograder.worker.steps import StepCounter, TooManySteps
from autograder.worker.tensors import only_views, tensors_in

REQUESTS, BLOCK_SIZE = 256, 16
HEADS, HEAD_SIZE, LAYERS, LAYER = 2, 32, 4, 2
STORED = 16
"""One in so many tokens of a batch is written and read, in a cache with eight times their slots."""
FILES = ("address_translation.py", "kv_cache_layout.py", "kv_cache_ops.py")
MOST_STEPS = 500_000
"""Steps in one batch beyond which there is no amount to speak of."""
OBJECT_BYTES, STEPS_A_KERNEL = 32, 100
COLUMNS = 256
"""Of the table: as many blocks as the longest request may ever need, whatever these need now."""
SAMPLES, MIX = 97, 40_487


class Meter:
    """Holds one batch per size."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._batches: dict[int, _Batch] = {}

    def prepare(self, size: int) -> Json:
        """Make the batch of one size, and give its number of tokens."""
        torch.set_num_threads(1)
        self._batches[size] = _Batch(self._modules, size)
        return size

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Do a case once; give what it brought, its steps and its amount."""
        batch = self._batches[size]
        name, _, unit = case.partition("_")
        work: Callable[[], Any] = getattr(batch, name)
        batch.set_up(name)
        steps = StepCounter(min(most_steps, MOST_STEPS) if unit else most_steps, FILES)
        traffic = Traffic()
        try:
            with traffic if unit else nullcontext(), steps if most_steps else nullcontext():
                result = work()
        except TooManySteps:
            return {"outputs": {"stopped": steps.count}, "steps": steps.count, "amount": 0}
        kernels = traffic.kernels + steps.count // STEPS_A_KERNEL
        moved = (traffic.bytes + steps.count * OBJECT_BYTES) / batch.tokens(name)
        amount = kernels if unit == "kernels" else round(moved, 1)
        return {"outputs": batch.show(name, result), "steps": steps.count, "amount": amount}


class _Batch:
    """256 requests that compute as many tokens each, somewhere in their prompts."""

    def __init__(self, modules: Mapping[str, Any], size: int) -> None:
        self._translation = modules["address_translation"]
        self._ops = modules["kv_cache_ops"]
        each = size // REQUESTS
        columns = COLUMNS
        self._table = physical_blocks(REQUESTS * columns).to(torch.int32).view(REQUESTS, columns)
        self._starts = torch.arange(0, size + 1, each, dtype=torch.int32)
        begins = torch.arange(REQUESTS) * 5 % 113
        self._positions = (begins[:, None] + torch.arange(each)).flatten()
        self._size = size
        self._cache = torch.empty(0)

    def translate(self) -> Any:
        compute = self._translation.compute_slot_mapping
        return compute(self._table, self._starts, self._positions, BLOCK_SIZE)

    def store(self) -> Any:
        """Write one layer's K and V, and read them back."""
        keys, values, slots = self._stored
        self._ops.write_kv(self._cache, LAYER, keys, values, slots)
        return self._ops.gather_kv(self._cache, LAYER, slots)

    def tokens(self, name: str) -> int:
        """How many tokens a case is about."""
        return self._size // STORED if name == "store" else self._size

    def set_up(self, name: str) -> None:
        """Make what a case needs, outside the measured work."""
        if name != "store":
            return
        tokens = self.tokens(name)
        shape = (LAYERS, 2, 8 * tokens // BLOCK_SIZE, BLOCK_SIZE, HEADS, HEAD_SIZE)
        self._cache = torch.zeros(shape, dtype=torch.float16)
        numbers = torch.arange(tokens)[:, None, None] % 1009
        numbers = numbers + torch.arange(HEADS * HEAD_SIZE).view(HEADS, HEAD_SIZE)
        slots = physical_blocks(8 * tokens)[:tokens]
        slots[5::STORED] = -1
        self._stored = numbers.half(), (numbers + 500).half(), slots

    def show(self, name: str, result: Any) -> Json:
        """What the judge needs to verify a case: samples, sums, dtypes."""
        tensors = list(result) if type(result) in (tuple, list) else [result]
        if any(type(one) is not torch.Tensor for one in tensors):
            return {"type": plain(type(result).__name__)}
        shown: dict[str, Json] = {
            "dtypes": [str(one.dtype) for one in tensors],
            "shapes": [list(one.shape) for one in tensors],
            "sums": [float(one.sum(dtype=torch.float64)) for one in tensors],
            "samples": [one.flatten()[:: one.numel() // SAMPLES].tolist() for one in tensors],
        }
        if name == "store":
            shown["cache"] = float(self._cache.sum(dtype=torch.float64))
        return shown


def physical_blocks(count: int) -> torch.Tensor:
    """The numbers 0 ... count - 1, each once, in an order without order: MIX is a prime."""
    return torch.arange(count) * MIX % count


class Traffic(TorchDispatchMode):
    """Counts, in a `with` block, the kernels that run and the bytes that they read and write."""

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
        given, made = tensors_in(args, torch.Tensor), tensors_in(result, torch.Tensor)
        works = schema.is_mutable or name == FROM_LIST or not only_views(made, given)
        if works and name not in ALLOCATIONS:
            self.kernels += 1
            self.bytes += _moved(name, given, made)
        return result


ALLOCATIONS = ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided")
FROM_LIST = "lift_fresh"
"""What follows when a tensor has been made of a list of Python's numbers."""
INDEXED = ("index", "index_select", "gather", "take", "embedding")
SCATTERED = ("index_put_", "_index_put_impl_", "index_copy_", "scatter_", "put_")
UNREAD = ("copy_", "fill_", "zero_", "full_like", "zeros_like", "ones_like")
"""Kernels that do not read their first tensor: they overwrite it, or ask for its shape."""


def _moved(name: str, given: list[torch.Tensor], made: list[torch.Tensor]) -> int:
    """Bytes that a kernel reads and writes. An indexed tensor is touched where its index says."""
    written = sum(map(_bytes, made))
    if name == FROM_LIST:
        return written + sum(OBJECT_BYTES * one.numel() for one in made)
    read = sum(map(_bytes, given[name in (*UNREAD, *INDEXED, *SCATTERED) :]))
    if name in SCATTERED:
        return read + _bytes(given[-1])
    return read + (2 if name in INDEXED else 1) * written


def _bytes(tensor: torch.Tensor) -> int:
    """Bytes of a tensor's distinct elements: an expanded axis adds none."""
    count = tensor.itemsize
    for size, stride in zip(tensor.shape, tensor.stride(), strict=True):
        count *= size if stride else min(size, 1)
    return count
