"""What a watched run of kernels showed, as plain data. Pure: the judge reads it from a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

SECTOR = 32
"""Bytes of a DRAM sector: the least that a GPU moves."""
MOST_LAUNCHES, MOST_ARRAYS, MOST_TEXT = 4096, 256, 2000


class BadRecord(ValueError):
    """What came back is no record."""


@dataclass(frozen=True)
class ArrayTraffic:
    """What one launch moved of one array. Sectors are counted once per load or store operation.

    Attributes:
        load_bytes: active lanes of loads, in bytes.
        load_sectors: 32-byte sectors that the loads touch.
        unique_load_sectors: of these, the different ones over the launch.
        store_bytes: active lanes of stores, in bytes.
        store_sectors: 32-byte sectors that the stores touch.
        atomic_lanes: active lanes of atomic operations.
    """

    load_bytes: int = 0
    load_sectors: int = 0
    unique_load_sectors: int = 0
    store_bytes: int = 0
    store_sectors: int = 0
    atomic_lanes: int = 0

    def __add__(self, other: ArrayTraffic) -> ArrayTraffic:
        """Both together."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return ArrayTraffic(*(a + b for a, b in pairs))


@dataclass(frozen=True)
class LaunchRecord:
    """One launch of a kernel.

    Attributes:
        kernel: its name.
        grid: programs along each of three axes.
        arrays: traffic by array, for those that were touched.
        dot_flops: 2·M·N·K of every `tl.dot`.
        most_loaded: bytes loaded by the program that loaded most.
    """

    kernel: str
    grid: tuple[int, int, int]
    arrays: Mapping[str, ArrayTraffic]
    dot_flops: int = 0
    most_loaded: int = 0

    @property
    def programs(self) -> int:
        """How many programs ran."""
        return self.grid[0] * self.grid[1] * self.grid[2]


@dataclass(frozen=True)
class Fault:
    """The first thing that a kernel did and must not.

    Attributes:
        kind: out_of_bounds, unreadable, uninitialised, race, assertion.
        message: one line that says what, with array and element.
        place: file:line of the kernel's source.
        program: the program's id.
    """

    kind: str
    message: str
    place: str
    program: tuple[int, int, int]

    def __str__(self) -> str:
        return f"{self.place}: program {self.program}: {self.message}"


@dataclass(frozen=True)
class Record:
    """Everything that one watched run showed.

    Attributes:
        launches: in order. None at all: no kernel did the work.
        fault: the first one, whatever became of its exception.
        operations: how often each torch operation ran beside the kernels, by name.
    """

    launches: tuple[LaunchRecord, ...]
    fault: Fault | None
    operations: Mapping[str, int]

    def plain(self) -> dict[str, Any]:
        """As lists, dicts, numbers and text."""
        return asdict(self)

    @classmethod
    def from_plain(cls, data: object) -> Record:
        """Read it back, trusting nothing.

        Raises:
            BadRecord: it has another form.
        """
        try:
            return _record(data)
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise BadRecord(f"not a record of a run: {error}") from None


def count(value: object) -> int:
    """A number of things, of a size that can be.

    Raises:
        ValueError: it is none.
    """
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise ValueError("a count that is none")
    return value


def text(value: object) -> str:
    """Text of bounded length.

    Raises:
        ValueError: it is none.
    """
    if type(value) is not str or len(value) > MOST_TEXT:
        raise ValueError("text that is none")
    return value


def triple(value: object) -> tuple[int, int, int]:
    """Three counts.

    Raises:
        ValueError: they are not.
    """
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise ValueError("not three numbers")
    return count(value[0]), count(value[1]), count(value[2])


def _record(data: Any) -> Record:
    if len(data["launches"]) > MOST_LAUNCHES or len(data["operations"]) > MOST_LAUNCHES:
        raise ValueError("too many launches")
    launches = tuple(map(_launch, data["launches"]))
    operations = {text(name): count(times) for name, times in data["operations"].items()}
    return Record(launches, None if data["fault"] is None else _fault(data["fault"]), operations)


def _fault(data: Any) -> Fault:
    kind, message, place = (text(data[key]) for key in ("kind", "message", "place"))
    return Fault(kind, message, place, triple(data["program"]))


_TRAFFIC = tuple(field.name for field in fields(ArrayTraffic))


def _launch(data: Any) -> LaunchRecord:
    if len(data["arrays"]) > MOST_ARRAYS:
        raise ValueError("too many arrays")
    arrays = {
        text(name): ArrayTraffic(*(count(one[key]) for key in _TRAFFIC))
        for name, one in data["arrays"].items()
    }
    counts = (count(data[key]) for key in ("dot_flops", "most_loaded"))
    return LaunchRecord(text(data["kernel"]), triple(data["grid"]), arrays, *counts)
