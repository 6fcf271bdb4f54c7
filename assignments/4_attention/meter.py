"""Stage 4's performance workload: a few batches, and what the sanitizer counts while they run.

The counts are bytes of loads and stores of active lanes: they depend on the kernel alone, not on
the machine. What is reported is a claim; the judge checks the outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch

from autograder.paged_batch.costs import CASES, cache_bytes, key_bytes, write_bytes
from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.paged_batch.tensors import attention_call, decoys, write_call
from autograder.paged_batch.tensors_as_bytes import to_text
from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from kernel_lanes.blindfold import Blindfold
from kernel_lanes.record import Record
from kernel_lanes.sanitizer import Sanitizer

CACHES = ("key_cache", "value_cache")


class Meter:
    """Runs each case once; the sizes mean nothing to it."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        torch.set_num_threads(1)
        self._modules: Mapping[str, Any] = modules

    def prepare(self, size: int) -> Json:
        """There is nothing to build."""
        return size

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Do a case once; give what it brought, and its amount."""
        spec = CASES[case]
        watch = Sanitizer(races=False)
        if isinstance(spec, WriteSpec):
            call = write_call(spec)
            function = self._modules["kv_cache_write"].write_kv_cache
        else:
            call = attention_call(spec)
            function = self._modules["attention"].paged_attention
        for name, tensor in call.arguments.items():
            if isinstance(tensor, torch.Tensor):
                watch.declare(name, tensor)
        with watch, Blindfold(decoys(spec, call)):
            result = function(**call.arguments)
        if isinstance(spec, WriteSpec):
            shown = [to_text(call.memory[name]) for name in CACHES]
            return {"outputs": shown, "steps": 1, "amount": _written(spec, watch.record())}
        output = to_text(result) if type(result) is torch.Tensor else plain(result)
        return {"outputs": output, "steps": 1, "amount": _amount(case, spec, watch.record())}


def _amount(case: str, spec: BatchSpec, record: Record) -> float:
    """Bytes read of the caches, in multiples of what is needed; or the busiest program's keys."""
    if case == "longest_program":
        most = max((launch.most_loaded for launch in record.launches), default=0)
        return round(most / key_bytes(spec), 1)
    arrays = [launch.arrays.get(name) for launch in record.launches for name in CACHES]
    return round(sum(one.load_bytes for one in arrays if one) / cache_bytes(spec), 3)


def _written(spec: WriteSpec, record: Record) -> float:
    """Bytes read and written, in multiples of what is needed."""
    arrays = [one for launch in record.launches for one in launch.arrays.values()]
    moved = sum(one.load_bytes + one.store_bytes for one in arrays)
    return round(moved / write_bytes(spec), 3)
