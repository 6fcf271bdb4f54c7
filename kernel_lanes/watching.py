"""What both engines that run kernels share: named arrays, launches so far, the first fault."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import torch

from kernel_lanes.arrays import Array
from kernel_lanes.memory import Memory
from kernel_lanes.record import ArrayTraffic, Fault, LaunchRecord, Record
from kernel_lanes.spy import Spy


class KernelFault(Exception):
    """A kernel did what it must not. `fault` says what, where, and in which program."""

    def __init__(self, fault: Fault) -> None:
        """Carry the fault."""
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True)
class Ran:
    """One launch that came to its end; as LaunchRecord, before its arrays have their names."""

    kernel: str
    grid: tuple[int, int, int]
    arrays: Mapping[Array, ArrayTraffic]
    dot_flops: int
    most_loaded: int


class Watch(ABC):
    """A stretch of host code whose kernels are run by an engine. Active in `with`.

    Attributes:
        memory: arrays and their shadows.
        ran: the launches, in order; one that ended with a fault is left out.
        fault: the first one.
    """

    def __init__(self) -> None:
        """Watch nothing yet."""
        self.memory = Memory()
        self.ran: list[Ran] = []
        self.fault: Fault | None = None
        self._spy = Spy(self.memory)

    def declare(
        self, name: str, tensor: torch.Tensor, readable: torch.Tensor | None = None
    ) -> None:
        """Name an array, and say which of its elements may be read.

        What the host code makes itself, its result above all, can be named afterwards.

        Args:
            name: how messages and counts call it.
            tensor: the array itself, as it is given to the host code.
            readable: booleans, of a shape that is the beginning of the tensor's: for a cache
                [blocks, block size] or [blocks]. Reading where it is False is a fault, until a
                kernel has written there. None: all may be read.
        """
        self.memory.declare(name, tensor, readable)

    @property
    def launches(self) -> tuple[LaunchRecord, ...]:
        """What each launch did, by names of arrays."""
        return tuple(map(self._named, self.ran))

    def record(self) -> Record:
        """What has been seen so far."""
        return Record(self.launches, self.fault, dict(self._spy.operations))

    def failed(self, fault: Fault) -> KernelFault:
        """Remember the first fault; the host code may swallow its exception."""
        self.fault = self.fault or fault
        return KernelFault(fault)

    def __enter__(self) -> Self:
        try:
            self.install()
        except BaseException:
            self.remove()  # another Triton, of which a part only could be replaced
            raise
        self._spy.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._spy.__exit__(*error)
        self.remove()

    def _named(self, ran: Ran) -> LaunchRecord:
        arrays: dict[str, ArrayTraffic] = {}
        for array, traffic in ran.arrays.items():
            name = self.memory.name_of(array)
            arrays[name] = arrays.get(name, ArrayTraffic()) + traffic
        return LaunchRecord(ran.kernel, ran.grid, arrays, ran.dot_flops, ran.most_loaded)

    @abstractmethod
    def install(self) -> None:
        """Have the engine take over launches."""

    @abstractmethod
    def remove(self) -> None:
        """Give launches back to Triton."""
