"""Hostile submissions: the reference with an attack on the grader in it.

An attack is a folder with an `attack.toml` and modules whose text is appended to the reference's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.rubric.model import RubricError, Stage
from autograder.source.variants import PACKAGE, copy_package

FIELDS = {"stage", "says", "breaks", "unsure", "missing", "tiers"}


@dataclass(frozen=True)
class Attack:
    """A hostile submission.

    Attributes:
        id: name of its folder.
        says: what it does, in one line.
        breaks: ids of tested rules that must be lost; with `unsure`, the only ones that may be.
        unsure: ids of rules that are lost or not, as chance has it.
        missing: modules that it lacks, such as "block_pool.py".
        tiers: names of the tiers of isolation on which this is promised; all, if empty.
        files: modules whose text is appended to the reference's module of the same name.
    """

    id: str
    says: str
    breaks: frozenset[str]
    unsure: frozenset[str]
    missing: tuple[str, ...]
    tiers: tuple[str, ...]
    files: tuple[Path, ...]


def load_attacks(folder: Path, stage: Stage) -> tuple[Attack, ...]:
    """Read the attacks on a stage in `folder`, by name.

    Raises:
        RubricError: an `attack.toml` is malformed, or names rules or files that the stage lacks.
    """
    entries = [(file, _read(file)) for file in sorted(folder.glob("*/attack.toml"))]
    return tuple(
        _attack(file, entry, stage) for file, entry in entries if entry["stage"] == stage.id
    )


def build_attack(attack: Attack, reference: Path, out: Path) -> None:
    """Write the reference with the attack in it.

    Args:
        attack: the hostile submission.
        reference: directory that holds the reference's `pagedlab/`; it is not changed.
        out: directory that gets a `pagedlab/`; it must not have one.
    """
    copy_package(reference, out)
    for file in attack.files:
        target = out / PACKAGE / file.name
        text = target.read_text(encoding="utf-8") + file.read_text(encoding="utf-8")
        target.write_text(text, encoding="utf-8")
    for name in attack.missing:
        (out / PACKAGE / name).unlink()


def _read(file: Path) -> dict[str, Any]:
    try:
        entry = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RubricError(f"{file}: {error!r}") from error
    if set(entry) - FIELDS or type(entry.get("stage")) is not int:
        raise RubricError(f"{file}: needs a number `stage`, and has no fields but {sorted(FIELDS)}")
    return entry


def _attack(file: Path, entry: Mapping[str, Any], stage: Stage) -> Attack:
    try:
        attack = Attack(
            id=file.parent.name,
            says=entry["says"],
            breaks=_rules(entry["breaks"], stage),
            unsure=_rules(entry.get("unsure", ()), stage),
            missing=tuple(entry.get("missing", ())),
            tiers=tuple(entry.get("tiers", ())),
            files=tuple(sorted(file.parent.glob("*.py"))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RubricError(f"{file}: {error!r}") from error
    names = {found.name for found in attack.files} | set(attack.missing)
    if not names or names - set(stage.modules):
        raise RubricError(f"{file}: changes {sorted(names)}, not files of {stage.modules}")
    return attack


def _rules(names: Iterable[str], stage: Stage) -> frozenset[str]:
    """Ids of the named rules; the name of a module stands for all rules that exercise it."""
    ids = {rule.id for rule in stage.rules}
    found: set[str] = set()
    for name in names:
        named = {rule.id for rule in stage.rules if rule.module == name} or ({name} & ids)
        if not named:
            raise ValueError(f"{name} is neither a rule nor a module of stage {stage.id}")
        found |= named
    return frozenset(found)
