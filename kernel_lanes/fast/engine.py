"""Runs kernels as C: the same launches, checks and counts as the interpreter's, much faster."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kernel_lanes import modes
from kernel_lanes.arguments import tensors_of
from kernel_lanes.arrays import Array
from kernel_lanes.fast import build, front
from kernel_lanes.fast.ir import Type, Unsupported
from kernel_lanes.fast.layout import CFault, CJob, Job, bit_pattern
from kernel_lanes.fast.translate import translate
from kernel_lanes.launching import Bound, Launch, intercept
from kernel_lanes.messages import broken_assertion, outside, unreadable
from kernel_lanes.patching import Patches
from kernel_lanes.record import Fault
from kernel_lanes.watching import Ran, Watch

DOES = {1: "reads", 2: "writes", 3: "updates"}


@dataclass(frozen=True, eq=False)
class Program:
    """A kernel in machine code of this computer."""

    run: Any
    parameters: tuple[tuple[str, Type], ...]
    sites: tuple[str, ...]


class FastRun(Watch):
    """Kernels launched in `with` are translated to C, built, and run, watched.

    Ends with KernelFault where the sanitizer does, but for races, which it does not look for. What
    cannot be translated raises Unsupported at the launch: have the sanitizer run it instead.
    """

    def __init__(self, order: str | int = "forward", folder: Path | None = None) -> None:
        """Set up; nothing runs yet.

        Args:
            order: of a launch's programs: `forward`, `reverse`, or the seed of a shuffle.
            folder: where built kernels are kept; by default the user's cache.
        """
        super().__init__()
        modes.require("compiled")
        self._order = order
        self._folder = folder
        self._patches = Patches()

    def install(self) -> None:
        """Take over Triton's launches."""
        intercept(self._patches, self._take)

    def remove(self) -> None:
        """Leave Triton as it was."""
        self._patches.undo()

    def _take(self, launch: Launch) -> None:
        bound = front.specialized(launch)
        program = _program(launch, bound, self._folder)
        ranges = self.memory.reach(tensors_of(launch.arguments))
        given = [_bits(bound, name, kind) for name, kind in program.parameters]
        job = Job(ranges, launch.grid, self._numbers(launch.grid), given)
        if program.run(ctypes.byref(job.c)):
            raise self.failed(_fault(job.c.fault, program.sites, job.arrays))
        counts = (int(job.c.flops), int(job.c.most_loaded))
        self.ran.append(Ran(launch.kernel, launch.grid, job.traffic(), *counts))

    def _numbers(self, grid: tuple[int, int, int]) -> np.ndarray[Any, np.dtype[np.int64]] | None:
        if self._order == "forward":
            return None
        numbers = np.arange(grid[0] * grid[1] * grid[2], dtype=np.int64)
        if isinstance(self._order, int):
            return np.random.default_rng(self._order).permutation(numbers)
        return np.ascontiguousarray(numbers[::-1])


def available() -> str:
    """Why kernels cannot be run as C here, "" if they can."""
    return "" if build.compiler() else "there is no C compiler (gcc, cc, clang or tcc)"


_programs: dict[tuple[str, str, str], Program] = {}


def _program(launch: Launch, bound: Bound, folder: Path | None) -> Program:
    """The kernel's machine code, made when it is first asked for."""
    key = (bound.source.hash(), str(bound.options), str(folder))
    if key not in _programs:
        made = translate(front.ttir(launch, bound))
        library = _load(build.shared_object(made.source, folder))
        _programs[key] = Program(library.run_job, made.parameters, made.sites)
    return _programs[key]


@cache
def _load(path: Path) -> Any:
    library = ctypes.CDLL(str(path))
    library.run_job.argtypes, library.run_job.restype = [ctypes.POINTER(CJob)], ctypes.c_int
    return library


def _bits(bound: Bound, name: str, kind: Type) -> int:
    if name not in bound.arguments:
        raise Unsupported(f"the argument {name}, which is made of several")
    value = bound.arguments[name]
    return bit_pattern(float(value) if kind.element in ("f16", "bf16", "f32", "f64") else value)


def _fault(fault: CFault, sites: tuple[str, ...], arrays: list[Array]) -> Fault:
    """What C noted, in the sanitizer's words."""
    if fault.kind == 1:
        kind = "out_of_bounds"
        text = outside(DOES[fault.does], fault.address, fault.bad, fault.lanes, arrays)
    elif fault.kind == 2:
        kind, text = unreadable(
            arrays[fault.array], fault.bits, fault.address, fault.bad, fault.lanes
        )
    else:
        place, _, message = sites[fault.site].partition(" ")
        return Fault("assertion", broken_assertion(message), place, _triple(fault))
    return Fault(kind, text, sites[fault.site], _triple(fault))


def _triple(fault: CFault) -> tuple[int, int, int]:
    x, y, z = fault.program
    return x, y, z
