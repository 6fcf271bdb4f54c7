"""Submissions whose verdict is known beforehand: wheats, chaffs, attacks."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.rubric.model import Axis, RubricError, Stage
from autograder.source.variants import (
    build_chaff,
    build_wheat,
    copy_package,
    load_chaffs,
    load_wheats,
)


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
    """

    id: str
    kind: Kind
    folder: Path
    rules: frozenset[str]
    lost: frozenset[str] = frozenset()
    lost_one_of: frozenset[str] = frozenset()
    may_lose: frozenset[str] = frozenset()


def wheats(stage: Stage, reference: Path, out: Path) -> list[Variant]:
    """Every wheat: none may lose a point of correctness."""
    variants = []
    for wheat in load_wheats(stage):
        build_wheat(wheat, reference, out / wheat.id)
        variants.append(Variant(wheat.id, Kind.WHEAT, out / wheat.id, _tested(stage, False)))
    return variants


def chaffs(stage: Stage, reference: Path, out: Path) -> list[Variant]:
    """Every chaff: it must lose the rules it names, and one of its own group."""
    variants = []
    for chaff in load_chaffs(stage):
        build_chaff(chaff, reference, out / chaff.id)
        rules = _tested(stage, chaff.group not in stage.groups)
        own = frozenset(rule.id for rule in stage.rules if rule.group == chaff.group) & rules
        lost = frozenset(chaff.caught_by)
        variants.append(
            Variant(chaff.id, Kind.CHAFF, out / chaff.id, rules, lost, own, may_lose=rules)
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
        RubricError: an attack.toml names a rule or module that is not there.
    """
    variants = []
    for file in sorted(folder.glob("*/attack.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        if tier not in data.get("tiers", [tier]):
            continue
        built = out / file.parent.name
        copy_package(reference, built)
        shutil.copyfile(reference / "design.toml", built / "design.toml")
        for source in file.parent.glob("*.py"):
            target = built / "pagedlab" / source.name
            target.write_text(
                target.read_text(encoding="utf-8") + "\n\n" + source.read_text(encoding="utf-8"),
                encoding="utf-8",
            )
        for name in data.get("missing", []):
            (built / "pagedlab" / name).unlink()
        lost = _named(stage, file, data["breaks"])
        unsure = _named(stage, file, data.get("unsure", []))
        rules = _tested(stage, True)
        variants.append(
            Variant(file.parent.name, Kind.ATTACK, built, rules, lost, may_lose=lost | unsure)
        )
    return variants


def _tested(stage: Stage, performance: bool) -> frozenset[str]:
    axes = (Axis.CORRECTNESS, Axis.PERFORMANCE) if performance else (Axis.CORRECTNESS,)
    return frozenset(rule.id for rule in stage.rules if rule.axis in axes)


def _named(stage: Stage, file: Path, names: list[str]) -> frozenset[str]:
    """Rules by id or by the module that they exercise."""
    found: set[str] = set()
    for name in names:
        rules = {rule.id for rule in stage.rules if name in (rule.id, rule.module)}
        if not rules:
            raise RubricError(f"{file}: {name!r} is no rule and no module of stage {stage.id}")
        found |= rules & _tested(stage, True)
    return frozenset(found)
