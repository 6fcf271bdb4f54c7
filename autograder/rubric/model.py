"""What the rubric is made of. Plain data; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class RubricError(Exception):
    """The rubric's files contradict themselves or each other: an instructor's fault."""


class Axis(StrEnum):
    """The four axes of the rubric, in the order in which reports show them."""

    CORRECTNESS = "correctness"
    PERFORMANCE = "performance"
    QUALITY = "quality"
    DOCUMENTATION = "documentation"


@dataclass(frozen=True)
class Rule:
    """One line of the rubric: what is asked and how much of its cell it carries.

    Attributes:
        id: for example "1.3" (correctness), "1.P1", "1.Q2" or "1.D1".
        weight: share of the cell, relative to the other rules of the same stage and axis.
        visible: False for a rule whose test students do not get.
        invariants: ids of the stage's invariants that the rule judges.
        module: student module that the rule exercises, without `.py`; "" for all of them.
        check: how quality and documentation rules are checked; "human" rules wait for a person.
        case: workload of a performance rule.
        unit: what a performance rule counts, such as "bytes"; "" if it is growth in steps.
        requires: rules that must have passed; otherwise this one is blocked.
        lane: what the machine must have for it to be decided, one of the stage's `lanes`; "" if
            every machine that can grade the stage has it.
        instead: rules of the same cell that take over its weight where it cannot be decided; the
            whole cell, if there are none.
    """

    id: str
    stage: int
    axis: Axis
    group: str
    title: str
    weight: int
    visible: bool
    invariants: tuple[str, ...] = ()
    module: str = ""
    check: str = ""
    case: str = ""
    unit: str = ""
    requires: tuple[str, ...] = ()
    lane: str = ""
    instead: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageLimits:
    """What a worker may use. CPU and wall seconds are per program; memory is for the whole tree.

    Attributes:
        address_space: whether memory bounds addresses too that are mapped and never written.
    """

    program_cpu_seconds: float
    program_wall_seconds: float
    stage_wall_seconds: float
    memory_mb: int
    processes: int
    file_mb: int
    address_space: bool = True


@dataclass(frozen=True)
class Anchor:
    """Measured costs that turn a performance rule's cost into points (`make calibrate`)."""

    reference: float
    naive: float


@dataclass(frozen=True)
class Sizes:
    """The two sizes at which costs are measured, and what they count."""

    small: int = 1_000
    large: int = 1_000_000
    of: str = "blocks"


@dataclass(frozen=True)
class Stage:
    """One stage of the course.

    Attributes:
        cells: whole points per axis, from course.toml.
        modules: files that students write, relative to `pagedlab/`.
        given: files that are restored from the starter before grading.
        upstream: numbers of the earlier stages whose modules these import.
        needs: packages beyond the standard library that these may import.
        hidden_weight: per axis, weight of rules that were left out of this copy of the rubric.
        gates: per axis, share of the correctness cell below which the axis is not graded.
        sizes: at which performance rules measure.
        lanes: ways to look at a submission that not every machine has, each with what it shows.
        lanes_from: module whose `missing()` says by name why a lane is not here.
    """

    id: int
    name: str
    folder: Path
    cells: Mapping[Axis, int]
    modules: tuple[str, ...]
    given: tuple[str, ...]
    upstream: tuple[int, ...]
    needs: tuple[str, ...]
    limits: StageLimits
    gates: Mapping[Axis, float]
    groups: Mapping[str, str]
    invariants: Mapping[str, str]
    rules: tuple[Rule, ...]
    anchors: Mapping[str, Anchor]
    hidden_weight: Mapping[Axis, int]
    sizes: Sizes = Sizes()
    lanes: Mapping[str, str] = field(default_factory=dict)
    lanes_from: str = ""

    def rule(self, rule_id: str) -> Rule:
        """The rule with that id.

        Raises:
            KeyError: the stage has no such rule.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def cell(self, axis: Axis) -> tuple[Rule, ...]:
        """The rules that share one cell, in rubric order."""
        return tuple(rule for rule in self.rules if rule.axis is axis)


@dataclass(frozen=True)
class StageHeader:
    """What course.toml says of a stage, whether or not this suite holds it."""

    id: int
    name: str
    folder: str
    cells: Mapping[Axis, int]


@dataclass(frozen=True)
class Course:
    """The whole rubric. `stages` are those that this suite can grade; `headers` are all of them."""

    title: str
    version: str
    axes: Mapping[Axis, int]
    headers: tuple[StageHeader, ...]
    stages: tuple[Stage, ...]

    def stage(self, stage_id: int) -> Stage:
        """The stage with that number.

        Raises:
            KeyError: this suite has no such stage.
        """
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)

    def rule(self, rule_id: str) -> Rule:
        """The rule with that id, in whichever stage.

        Raises:
            KeyError: no stage of this suite has such a rule.
        """
        for stage in self.stages:
            for rule in stage.rules:
                if rule.id == rule_id:
                    return rule
        raise KeyError(rule_id)
