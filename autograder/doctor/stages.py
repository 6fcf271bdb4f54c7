"""Which stages can be graded here, judged from the findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from autograder.doctor.finding import Finding

# What every stage stands on, and what a stage that `needs` a package stands on besides.
ALWAYS = ("Python", "packages")
BY_NEED = {"torch": ("torch",), "triton": ("Triton interpreter", "Triton compiler")}


class Stage(Protocol):
    """The part of a stage that matters here."""

    @property
    def id(self) -> int:
        """The stage's number."""

    @property
    def name(self) -> str:
        """The stage's title."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Packages beyond the standard library."""


@dataclass(frozen=True)
class StageVerdict:
    """Whether one stage can be graded here.

    Attributes:
        id: the stage's number.
        name: its title.
        blockers: names of the failed findings in its way; empty = it can be graded.
    """

    id: int
    name: str
    blockers: tuple[str, ...]

    @property
    def gradable(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.blockers


def verdicts(stages: Iterable[Stage], findings: Iterable[Finding]) -> list[StageVerdict]:
    """Returns one verdict for each stage; a finding that is missing counts as failed."""
    sound = {finding.name for finding in findings if finding.status != "fail"}
    return [_verdict(stage, sound) for stage in stages]


def _verdict(stage: Stage, sound: set[str]) -> StageVerdict:
    wanted = [*ALWAYS, *(name for need in stage.needs for name in BY_NEED.get(need, ()))]
    return StageVerdict(stage.id, stage.name, tuple(name for name in wanted if name not in sound))
