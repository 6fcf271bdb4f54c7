"""Lets host code see other numbers than kernels do, so that what it computes itself is wrong.

A wrapper has no business with the floating-point numbers of its arguments: it hands memory on. So
the memory holds numbers of no meaning, and the real ones only while a kernel runs. Whoever reads
them in another way, by torch, numpy, pointers, threads or plain Python, gets an answer to another
question; no list of forbidden functions is needed to see it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch

from kernel_lanes import modes
from kernel_lanes.arguments import tensors_of
from kernel_lanes.patching import Patches

LARGEST = 1 << 26
"""Bytes of storage beyond which what a kernel was given is not hidden: it is no scratch memory."""
NOTHING = 0xFF
"""A byte: NaN in every floating-point type is made of it."""


@dataclass
class _Hidden:
    """One storage: what the host sees there, and what kernels do. `owner` keeps it in its place."""

    owner: torch.Tensor
    address: int
    seen: bytes
    real: bytes

    def show(self) -> None:
        """Put the real numbers in place, and with them what the host has written."""
        now = ctypes.string_at(self.address, len(self.real))
        if now != self.seen:
            written, seen, real = map(self._elements, (now, self.seen, self.real))
            self.real = np.where(written != seen, written, real).tobytes()
        ctypes.memmove(self.address, self.real, len(self.real))

    def _elements(self, memory: bytes) -> Any:
        """Bit patterns: NaN is what it is, and equal to itself."""
        return np.frombuffer(memory, f"u{self.owner.element_size()}")

    def hide(self) -> None:
        """Take the real numbers away."""
        self.real = ctypes.string_at(self.address, len(self.real))
        ctypes.memmove(self.address, self.seen, len(self.seen))


class Blindfold:
    """Active in `with`, inside that of the engine which runs the kernels.

    Hidden are the tensors that it is given, and every floating-point tensor that a kernel was
    given: scratch memory and outputs. At the end all memory is as the kernels left it.
    """

    def __init__(self, hidden: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Hide nothing yet.

        Args:
            hidden: contiguous tensors that fill their storage, each with one of the same shape and
                type that holds what the host is to see.
        """
        self._pairs = tuple(hidden)
        self._all: dict[int, _Hidden] = {}
        self._patches = Patches()
        self._running = False

    def __enter__(self) -> Self:
        for real, decoy in self._pairs:
            self._take(real, ctypes.string_at(decoy.data_ptr(), _size(decoy)))
        self._show(False)
        owner, name = _launch()
        original = getattr(owner, name)

        def launch(kernel: Any, *args: Any, **kwargs: Any) -> Any:
            if self._running:  # a kernel of the autotuner's, say
                return original(kernel, *args, **kwargs)
            self._show(True)
            try:
                return original(kernel, *args, **kwargs)
            finally:
                self._reached([*args, *kwargs.values()])
                self._show(False)

        self._patches.set(owner, name, launch)
        return self

    def __exit__(self, *error: object) -> None:
        self._patches.undo()
        for one in self._all.values():
            one.show()

    def _show(self, running: bool) -> None:
        self._running = running
        for one in self._all.values():
            one.show() if running else one.hide()

    def _reached(self, arguments: Iterable[Any]) -> None:
        named = {str(number): one for number, one in enumerate(arguments)}
        for tensor in tensors_of(named).values():
            size = _size(tensor)
            if tensor.is_floating_point() and 0 < size <= LARGEST:
                if tensor.untyped_storage().data_ptr() not in self._all:
                    self._take(tensor, bytes([NOTHING]) * size)

    def _take(self, tensor: torch.Tensor, seen: bytes) -> None:
        address = tensor.untyped_storage().data_ptr()
        if len(seen) == _size(tensor) > 0:
            self._all[address] = _Hidden(tensor, address, seen, seen)


def _size(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage().nbytes())


def _launch() -> tuple[Any, str]:
    """What is called for every launch, in a process of this kind."""
    if modes.chosen() == "interpreted":
        from triton.runtime.interpreter import GridExecutor

        return GridExecutor, "__call__"
    from triton.runtime.jit import JITFunction

    return JITFunction, "run"
