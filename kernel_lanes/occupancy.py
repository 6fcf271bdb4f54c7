"""How many programs a GPU holds at a time, and what share of it a launch fills. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kernel_lanes.facts import KernelFacts


@dataclass(frozen=True)
class Machine:
    """Limits of a GPU; sizes in bytes. `machines.toml` says where they come from."""

    name: str
    sms: int
    registers: int
    register_unit: int
    shared_per_sm: int
    shared_per_program: int
    shared_reserved: int
    warps: int
    programs: int
    peak_bandwidth_gb_s: int


@dataclass(frozen=True)
class Occupancy:
    """What one launch makes of a machine.

    Attributes:
        programs_per_sm: that fit on one SM at a time; 0 if not one does.
        limited_by: registers, shared memory, warps or programs.
        waves: programs of the launch by those that the machine holds at a time.
        fill: share of the places for programs that are taken in the first wave, at most 1.
        busy_sms: SMs that have at least one program.
    """

    programs_per_sm: int
    limited_by: str
    waves: float
    fill: float
    busy_sms: int


@cache
def machines() -> Mapping[str, Machine]:
    """The machines that are known, by target."""
    file = Path(__file__).with_name("machines.toml")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {target: Machine(**table) for target, table in tables.items()}


def occupancy(facts: KernelFacts, machine: Machine) -> Occupancy:
    """Work out what the launch of `facts` makes of `machine`.

    Registers are given to warps in units; shared memory is what the compiler asks for and what
    the system keeps of each program's.
    """
    unit = machine.register_unit
    per_warp = -(-max(facts.registers, 1) * 32 // unit) * unit
    most = {
        "registers": machine.registers // (per_warp * facts.num_warps),
        "shared memory": machine.shared_per_sm // (facts.shared + machine.shared_reserved),
        "warps": machine.warps // facts.num_warps,
        "programs": machine.programs,
    }
    if facts.shared > machine.shared_per_program:
        most["shared memory"] = 0
    limit = min(most, key=most.__getitem__)
    places = most[limit] * machine.sms
    waves = facts.programs / places if places else 0.0
    return Occupancy(most[limit], limit, waves, min(1.0, waves), min(facts.programs, machine.sms))
