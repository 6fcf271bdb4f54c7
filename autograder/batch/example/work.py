"""What one student of the generated class wrote: right, wrong, half done, or hostile, by stage."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.rubric.model import Stage
from autograder.source.attacks import Attack
from autograder.source.solutions import Wheat, load_wheats
from autograder.source.variants import PACKAGE, Chaff, build_chaff, load_chaffs


@dataclass(frozen=True)
class Material:
    """What submissions are made of.

    Attributes:
        reference, starter: folders with `pagedlab/`, `tests/` and `design.toml`.
        stages: of the suite, with their chaffs and wheats.
    """

    reference: Path
    starter: Path
    stages: tuple[tuple[Stage, tuple[Chaff, ...], tuple[Wheat, ...]], ...]

    @classmethod
    def of(cls, root: Path, stages: Sequence[Stage]) -> Material:
        """Read the chaffs and wheats of a repository's stages."""
        read = tuple((one, load_chaffs(one), load_wheats(one)) for one in stages)
        return cls(root / "reference", root / "starter", read)


def write_work(material: Material, skill: float, dice: random.Random, out: Path) -> str:
    """Write one student's submission; gives in a few words what it is."""
    copy_project(material.starter, out)
    words = []
    for stage, chaffs, wheats in material.stages:
        luck = dice.random()
        if luck < skill * 0.6 and wheats:
            words.append(_right(material, stage, dice.choice(wheats), out))
        elif luck < skill * 0.8 or not chaffs:
            words.append(_right(material, stage, None, out))
        elif luck < 0.5 + skill * 0.5:
            words.append(_wrong(material, stage, dice.choice(chaffs), out))
        elif luck < 0.8 + skill * 0.2 and len(stage.modules) > 1:
            words.append(_half(material, stage, out))
        else:
            words.append(f"{stage.id} not begun")
            continue
        if dice.random() < skill:
            _own_tests(material, stage, out)
    if dice.random() < skill and (material.reference / "design.toml").is_file():
        shutil.copyfile(material.reference / "design.toml", out / "design.toml")
    return ", ".join(words)


def write_attack(material: Material, attack: Attack, out: Path) -> str:
    """Write the reference with an attack in it."""
    copy_project(material.reference, out)
    for file in attack.files:
        with (out / PACKAGE / file.name).open("a", encoding="utf-8") as target:
            target.write(file.read_text(encoding="utf-8"))
    for name in attack.missing:
        (out / PACKAGE / name).unlink()
    return f"hostile: {attack.id}"


def copy_project(source: Path, out: Path) -> None:
    """Copy a project's modules, tests and claims, and nothing else that lies there."""
    for folder in (PACKAGE, "tests"):
        (out / folder).mkdir(parents=True, exist_ok=True)
        for file in sorted((source / folder).glob("*.py")):
            shutil.copyfile(file, out / folder / file.name)
    if (source / "design.toml").is_file():
        shutil.copyfile(source / "design.toml", out / "design.toml")


def _right(material: Material, stage: Stage, wheat: Wheat | None, out: Path) -> str:
    for name in stage.modules:
        shutil.copyfile(material.reference / PACKAGE / name, out / PACKAGE / name)
    for file in wheat.files if wheat else ():
        shutil.copyfile(file, out / PACKAGE / file.name)
    return f"{stage.id} right" + (f" ({wheat.id})" if wheat else "")


def _wrong(material: Material, stage: Stage, chaff: Chaff, out: Path) -> str:
    _right(material, stage, None, out)
    scratch = out / "chaff"
    build_chaff(chaff, material.reference, scratch)
    shutil.copyfile(scratch / PACKAGE / chaff.module, out / PACKAGE / chaff.module)
    shutil.rmtree(scratch)
    return f"{stage.id} wrong ({chaff.id})"


def _half(material: Material, stage: Stage, out: Path) -> str:
    for name in stage.modules[: len(stage.modules) // 2]:
        shutil.copyfile(material.reference / PACKAGE / name, out / PACKAGE / name)
    return f"{stage.id} half done"


def _own_tests(material: Material, stage: Stage, out: Path) -> None:
    for name in stage.modules:
        test = f"test_{name}"
        if (material.reference / "tests" / test).is_file():
            shutil.copyfile(material.reference / "tests" / test, out / "tests" / test)
