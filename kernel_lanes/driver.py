"""Stands in for a GPU's driver: says which machine to compile for, and can launch nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from triton.backends.compiler import GPUTarget
from triton.backends.driver import DriverBase

DEFAULT = GPUTarget("cuda", 80, 32)


class NoDevice(DriverBase):
    """A driver of no device. `target` may be changed at any time."""

    def __init__(self, target: GPUTarget = DEFAULT) -> None:
        """Stand in for a machine of kind `target`."""
        self.target = target

    @classmethod
    def is_active(cls) -> bool:
        """False: it is never found by itself, only set."""
        return False

    def map_python_to_cpp_type(self, ty: str) -> str:
        """The type as it is: no launcher is generated."""
        return ty

    def get_current_target(self) -> GPUTarget:
        """The machine that is compiled for."""
        return self.target

    def get_active_torch_device(self) -> torch.device:
        """The CPU, where the tensors are."""
        return torch.device("cpu")

    def get_benchmarker(self) -> Callable[..., list[float]]:
        """A clock that stands still: autotuning is not for this place."""
        return lambda *args, **options: [1.0, 1.0, 1.0]

    def get_current_device(self) -> int:
        """A number for each target: Triton keeps compiled kernels by it."""
        return hash((self.target.backend, self.target.arch))

    def get_current_stream(self, device: int) -> int:
        """The only stream."""
        return 0

    def set_current_device(self, device: int) -> None:
        """There is no other."""

    def get_device_interface(self) -> Any:
        """There is none."""
        raise NotImplementedError("there is no device")

    def get_empty_cache_for_benchmark(self) -> None:
        """There is no cache to clear."""

    def clear_cache(self, cache: object) -> None:
        """There is no cache to clear."""
