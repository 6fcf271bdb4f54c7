"""The names of what can be promised, and the value that carries a promise to `enter`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How far a worker is apart from the machine, strongest first."""

    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    UID = "uid"
    LIMITS = "limits"


class Layer(StrEnum):
    """One mechanism that `enter` must put in force or fail."""

    OWN_UID = "own uid"
    PROC = "own /proc"
    LANDLOCK = "landlock"
    SECCOMP = "seccomp"
    READ_ALL = "reads files of every owner inside the allowed paths"


@dataclass(frozen=True)
class Isolation:
    """What this machine can promise, as `probe` measured it.

    Attributes:
        tier: the strongest tier that held.
        facts: plain words, what holds first, then what is missing and why.
        layers: the mechanisms of this tier that `enter` must put in force.
    """

    tier: Tier
    facts: tuple[str, ...]
    layers: frozenset[Layer] = frozenset()

    def describe(self) -> str:
        """Return one line for reports, its parts parted by semicolons."""
        mechanisms = [f for f in self.facts if f.startswith(("landlock ABI", "seccomp"))]
        missing = [f for f in self.facts if f.startswith("without ")]
        promises = [f for f in self.facts if f not in mechanisms and f not in missing]
        groups = (", ".join(group) for group in (promises, mechanisms, missing))
        return f"{self.tier.value} ({'; '.join(group for group in groups if group)})"
