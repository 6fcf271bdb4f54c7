"""Runs host code without its kernels: what would it launch, on what, and with what else beside?

Outputs stay undefined (NaN), so that a result which is finite all the same was not computed by a
kernel.
"""

from __future__ import annotations

from typing import Self

import torch

from kernel_lanes import modes
from kernel_lanes.arguments import tensors_of
from kernel_lanes.facts import ArgumentFacts, CaptureFacts, LaunchFacts
from kernel_lanes.launching import Launch, intercept
from kernel_lanes.patching import Patches
from kernel_lanes.spy import Spy


class capture:  # noqa: N801 - reads as what it does: `with capture() as seen`
    """Active in `with`. Launches are recorded and not run.

    Attributes:
        launches: in order.
    """

    def __init__(self) -> None:
        """Record nothing yet. The process must be one that compiles kernels."""
        modes.require("compiled")
        self.launches: list[Launch] = []
        self._patches = Patches()
        self._spy = Spy(None)

    def facts(self) -> CaptureFacts:
        """What has been launched so far, as plain data."""
        return CaptureFacts(tuple(map(_facts, self.launches)), dict(self._spy.operations))

    def __enter__(self) -> Self:
        intercept(self._patches, self.launches.append)
        self._spy.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._spy.__exit__(*error)
        self._patches.undo()


def _facts(launch: Launch) -> LaunchFacts:
    tensors = tensors_of(launch.arguments)
    arrays = tuple(_argument(name, tensor) for name, tensor in tensors.items())
    plain = (int, float, bool, str, type(None))
    scalars = {
        name: value if isinstance(value, plain) else str(value)[:200]
        for name, value in launch.arguments.items()
        if name not in tensors
    }
    warps = int(launch.options.get("num_warps", 4))
    stages = int(launch.options.get("num_stages", 3))
    return LaunchFacts(launch.kernel, launch.grid, arrays, scalars, warps, stages)


def _argument(name: str, tensor: torch.Tensor) -> ArgumentFacts:
    dtype = str(tensor.dtype).removeprefix("torch.")
    aligned = tensor.data_ptr() % 16 == 0
    return ArgumentFacts(name, dtype, tuple(tensor.shape), tuple(tensor.stride()), aligned)
