"""A worker's part in timing kernels on a GPU: it does what it is told, and takes no time itself.

Runs in two workers: one holds the submission; the other holds none of a student's code, copies, and
works out what is right. Everything that a chain needs is there before the clock starts, and what it
gives back shows that it was done. Not yet run on a GPU: tests drive it on the CPU.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import torch

from autograder.paged_batch.tensors_as_bytes import to_text
from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from kernel_lanes.gpu import chain
from kernel_lanes.gpu.measure import Device, on
from kernel_lanes.problem import Problem, build
from kernel_lanes.shapes import PagedShape, decode
from kernel_lanes.traffic import minimum

SHAPE = decode("decode 64 x 2k", 64, 2048)
"""With the heads of Llama 3 8B: half a GiB of keys and values, many times any L2 cache."""
CUDA = "cuda:0"


class Bench:
    """One batch on a device, and the chain that is to be run next."""

    def __init__(self, shape: PagedShape, device: Device) -> None:
        """Make the batch; it is the same in every worker."""
        self._device = device
        self._problem: Problem = on(build(shape), device)
        self._functions: tuple[Any, Any] | None = None
        self._next: Callable[[], Json] = lambda: None
        size = max(1, minimum(shape).moved // 2)
        self._source = torch.zeros(size, dtype=torch.uint8, device=device.name)
        self._target = torch.empty_like(self._source)

    def load(self, stage_dir: str) -> None:
        """Import the submission."""
        sys.path.insert(0, stage_dir)
        attend = importlib.import_module("pagedlab.attention").paged_attention
        write = importlib.import_module("pagedlab.kv_cache_write").write_kv_cache
        self._functions = attend, write

    def ready_chain(self, seed: int, steps: int) -> None:
        """Have a chain ready to be run, on caches of its own."""
        assert self._functions is not None
        attend, write = self._functions
        fresh = self._fresh()
        taken = chain.steps(fresh, seed, steps)
        self._device.settle()
        self._next = lambda: self._shown(chain.run(attend, write, fresh, taken))

    def ready_copies(self, times: int) -> None:
        """Have copies ready that read and write as many bytes each as a step must at least."""

        def copies() -> Json:
            for _ in range(times):
                self._target.copy_(self._source)
            self._device.settle()
            return times

        self._device.settle()
        self._next = copies

    def go(self) -> Json:
        """Do it, wait for its end, and give what came out. This is what is timed."""
        return self._next()

    def right(self, seed: int, steps: int) -> Json:
        """Where a chain must end, in float32 of what was computed in float64."""
        taken = chain.steps(self._problem, seed, steps)
        return to_text(chain.right(self._problem, taken, self._device.name).float().cpu())

    def _fresh(self) -> Problem:
        names = ("key_cache", "value_cache")
        copies = {name: getattr(self._problem, name).clone() for name in names}
        return Problem(**{**vars(self._problem), **copies})

    def _shown(self, out: Any) -> Json:
        self._device.settle()
        return to_text(out.cpu()) if type(out) is torch.Tensor else plain(out)


_bench: list[Bench] = []


def start(stage_dir: str, submission: bool) -> Json:
    """Make the bench, with the submission or without.

    Raises:
        RuntimeError: the device cannot be used from here.
    """
    torch.set_num_threads(1)
    _bench[:] = [Bench(SHAPE, Device(CUDA, torch.cuda.synchronize, 0))]
    if submission:
        _bench[0].load(stage_dir)
    return str(torch.cuda.get_device_name(0))


def ready_chain(seed: int, steps: int) -> None:
    """As the bench's."""
    _bench[0].ready_chain(seed, steps)


def ready_copies(times: int) -> None:
    """As the bench's."""
    _bench[0].ready_copies(times)


def go() -> Json:
    """As the bench's."""
    return _bench[0].go()


def right(seed: int, steps: int) -> Json:
    """As the bench's."""
    return _bench[0].right(seed, steps)
