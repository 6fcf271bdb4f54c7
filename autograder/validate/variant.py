"""Submissions whose verdict is known beforehand: wheats, chaffs, attacks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.rubric.model import Axis, Stage
from autograder.source.attacks import build_attack, load_attacks
from autograder.source.solutions import build_wheat, load_wheats
from autograder.source.variants import build_chaff, load_chaffs


class Kind(StrEnum):
    """What a variant is there to show."""

    WHEAT = "wheat"
    CHAFF = "chaff"
    ATTACK = "attack"


@dataclass(frozen=True)
class Variant:
    """A submission and what must become of it.

    Attributes:
        id: unique among its kind.
        folder: holds `pagedlab/`.
        rules: the rules to grade it by.
        lost: rules that must lose points, every one of them.
        lost_one_of: rules of which at least one must lose points; empty if nothing must.
        may_lose: rules that may or may not lose points; any other loss is a mistake of ours.
        integrated: grade it on its own earlier stages, too, and not on stand-ins alone.
    """

    id: str
    kind: Kind
    folder: Path
    rules: frozenset[str]
    lost: frozenset[str] = frozenset()
    lost_one_of: frozenset[str] = frozenset()
    may_lose: frozenset[str] = frozenset()
    integrated: bool = True


def wheats(
    stage: Stage, reference: Path, out: Path, integrated: bool = True, costs: bool = False
) -> list[Variant]:
    """Every wheat: none may lose a point of correctness, on stand-ins or, if asked, integrated.

    With `costs` the rules of performance look at it, too. It may lose points there, as a wheat may
    be slow; it must not be taken for cheaper than any correct solution can be.
    """
    variants, rules = [], tested_rules(stage, costs)
    slow = rules - tested_rules(stage, False)
    for wheat in load_wheats(stage):
        folder = out / wheat.id
        build_wheat(wheat, reference, folder)
        variants.append(
            Variant(wheat.id, Kind.WHEAT, folder, rules, may_lose=slow, integrated=integrated)
        )
    return variants


def chaffs(stage: Stage, reference: Path, out: Path, every_rule: bool = False) -> list[Variant]:
    """Every chaff: it must lose the rules it names, and one of its own group.

    Args:
        stage: whose chaffs.
        reference: directory that holds the reference's `pagedlab/`.
        out: where they are built.
        every_rule: grade by all tested rules, integrated too, and not only by those that it must
            lose. What else a chaff loses is worth knowing, decides nothing, and takes many times
            as long.
    """
    variants = []
    for chaff in load_chaffs(stage):
        build_chaff(chaff, reference, out / chaff.id)
        every = tested_rules(stage, chaff.group not in stage.groups)
        own = frozenset(rule.id for rule in stage.rules if rule.group == chaff.group) & every
        lost = frozenset(chaff.caught_by)
        rules = every if every_rule else lost
        variants.append(
            Variant(
                chaff.id,
                Kind.CHAFF,
                out / chaff.id,
                rules,
                lost,
                lost_one_of=own & rules,
                may_lose=rules,
                integrated=every_rule,
            )
        )
    return variants


def attacks(stage: Stage, folder: Path, reference: Path, tier: str, out: Path) -> list[Variant]:
    """Every hostile submission that is promised to be contained on this tier of isolation.

    Args:
        stage: the stage that they attack.
        folder: holds one folder an attack, each with an attack.toml.
        reference: directory that holds the reference's `pagedlab/`.
        tier: of isolation, on this machine.
        out: where they are built.

    Raises:
        RubricError: an attack.toml is malformed.
    """
    variants = []
    for attack in load_attacks(folder, stage):
        if not attack.tiers or tier in attack.tiers:
            build_attack(attack, reference, out / attack.id)
            may = attack.breaks | attack.unsure
            rules = tested_rules(stage, True)
            variants.append(
                Variant(attack.id, Kind.ATTACK, out / attack.id, rules, attack.breaks, may_lose=may)
            )
    return variants


def tested_rules(stage: Stage, performance: bool = True) -> frozenset[str]:
    """Ids of the rules that are decided by tests, those of performance among them or not."""
    axes = (Axis.CORRECTNESS, Axis.PERFORMANCE) if performance else (Axis.CORRECTNESS,)
    return frozenset(rule.id for rule in stage.rules if rule.axis in axes)
