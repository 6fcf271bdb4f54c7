"""What capturing and compiling show, as plain data. Pure: the judge reads it from a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from kernel_lanes.record import BadRecord, count, text, triple

MOST_FACTS = 4096
Scalar = int | float | bool | str | None


@dataclass(frozen=True)
class ArgumentFacts:
    """A tensor that a kernel was given. Strides are in elements; aligned means to 16 bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    aligned: bool


@dataclass(frozen=True)
class LaunchFacts:
    """One launch: its grid, and what the kernel was given."""

    kernel: str
    grid: tuple[int, int, int]
    tensors: tuple[ArgumentFacts, ...]
    scalars: Mapping[str, Scalar]
    num_warps: int
    num_stages: int

    @property
    def programs(self) -> int:
        """How many programs it has."""
        return self.grid[0] * self.grid[1] * self.grid[2]


@dataclass(frozen=True)
class CaptureFacts:
    """Everything that host code launched, and the torch operations that it ran beside."""

    launches: tuple[LaunchFacts, ...]
    operations: Mapping[str, int]

    def plain(self) -> dict[str, Any]:
        """As lists, dicts, numbers and text."""
        return asdict(self)

    @classmethod
    def from_plain(cls, data: object) -> CaptureFacts:
        """Read it back, trusting nothing.

        Raises:
            BadRecord: it has another form.
        """
        try:
            return _capture(data)
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise BadRecord(f"not what a capture gives: {error}") from None


@dataclass(frozen=True)
class KernelFacts:
    """One kernel compiled for one machine, at one launch.

    Attributes:
        kernel: its name.
        target: such as sm_80.
        grid: of the launch.
        num_warps: warps of a program.
        error: why it does not compile, in the terms of its source; then all else is 0.
        registers: per thread.
        spill_stores, spill_loads, stack: bytes per thread that did not fit into registers.
        shared: bytes of shared memory per program.
        tensor_core: instructions that use tensor cores.
        loads_wide, loads_narrow: global load instructions of 128 bits, and of less.
        async_copies: of the loads, those that go to shared memory while the kernel works on.
        stores_wide, stores_narrow: the same of stores.
        barriers: barrier instructions.
        instructions: all of them.
        tf32: products of float32 that are computed in TF32, which has 10 bits of mantissa.
    """

    kernel: str
    target: str
    grid: tuple[int, int, int]
    num_warps: int
    error: str = ""
    registers: int = 0
    spill_stores: int = 0
    spill_loads: int = 0
    stack: int = 0
    shared: int = 0
    tensor_core: int = 0
    loads_wide: int = 0
    loads_narrow: int = 0
    async_copies: int = 0
    stores_wide: int = 0
    stores_narrow: int = 0
    barriers: int = 0
    instructions: int = 0
    tf32: int = 0

    @property
    def programs(self) -> int:
        """Programs of the launch."""
        return self.grid[0] * self.grid[1] * self.grid[2]

    @property
    def wide_share(self) -> float:
        """Share of load instructions that are of 128 bits; 0 if there are none."""
        loads = self.loads_wide + self.loads_narrow
        return self.loads_wide / loads if loads else 0.0

    def plain(self) -> dict[str, Any]:
        """As numbers, lists and text."""
        return asdict(self)

    @classmethod
    def from_plain(cls, data: object) -> KernelFacts:
        """Read it back, trusting nothing.

        Raises:
            BadRecord: it has another form.
        """
        try:
            return _kernel(data)
        except (TypeError, KeyError, ValueError) as error:
            raise BadRecord(f"not what compiling gives: {error}") from None


_TEXTS = ("kernel", "target", "error")


def _kernel(data: Any) -> KernelFacts:
    numbers = [f.name for f in fields(KernelFacts) if f.name not in (*_TEXTS, "grid")]
    found: dict[str, Any] = {name: text(data[name]) for name in _TEXTS}
    found.update((name, count(data[name])) for name in numbers)
    return KernelFacts(grid=triple(data["grid"]), **found)


def _capture(data: Any) -> CaptureFacts:
    if max(len(data["launches"]), len(data["operations"])) > MOST_FACTS:
        raise ValueError("too many")
    operations = {text(name): count(times) for name, times in data["operations"].items()}
    return CaptureFacts(tuple(map(_launch, data["launches"])), operations)


def _launch(data: Any) -> LaunchFacts:
    if max(len(data["tensors"]), len(data["scalars"])) > MOST_FACTS:
        raise ValueError("too many arguments")
    return LaunchFacts(
        text(data["kernel"]),
        triple(data["grid"]),
        tuple(map(_tensor, data["tensors"])),
        {text(name): _scalar(value) for name, value in data["scalars"].items()},
        count(data["num_warps"]),
        count(data["num_stages"]),
    )


def _tensor(data: Any) -> ArgumentFacts:
    if len(data["shape"]) > 16 or len(data["strides"]) > 16 or type(data["aligned"]) is not bool:
        raise ValueError("not a tensor's facts")
    shape, strides = (tuple(map(count, data[key])) for key in ("shape", "strides"))
    return ArgumentFacts(text(data["name"]), text(data["dtype"]), shape, strides, data["aligned"])


def _scalar(value: object) -> Scalar:
    if value is None or type(value) in (int, float, bool):
        return value  # type: ignore[return-value]
    return text(value)
