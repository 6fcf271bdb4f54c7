"""Attacks are built as their folders say. That they fail is for the self-test to show."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError, Stage
from autograder.source.attacks import Attack, build_attack, load_attacks

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference"
ATTACKS = ROOT / "tests" / "attacks"
UNREADABLE = {"syntax_error"}


@cache
def stage_1() -> Stage:
    return load_course(ROOT / "assignments").stage(1)


def attacks() -> list[Attack]:
    stages = load_course(ROOT / "assignments").stages
    return [attack for stage in stages for attack in load_attacks(ATTACKS, stage)]


def modules(folder: Path) -> dict[str, str]:
    files = sorted((folder / "pagedlab").glob("*.py"))
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def one(folder: Path, toml: str, *names: str) -> Attack:
    """An attack of our own."""
    (folder / "own").mkdir()
    (folder / "own" / "attack.toml").write_text(toml, encoding="utf-8")
    for name in names:
        (folder / "own" / name).write_text("EVIL = True\n", encoding="utf-8")
    (attack,) = load_attacks(folder, stage_1())
    return attack


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.id)
def test_an_attack_is_the_reference_with_text_appended_or_files_missing(
    attack: Attack, tmp_path: Path
) -> None:
    build_attack(attack, REFERENCE, tmp_path)
    right, built = modules(REFERENCE), modules(tmp_path)
    assert right.keys() - built.keys() == set(attack.missing)
    changed = {name for name in built if built[name] != right[name]}
    assert changed == {file.name for file in attack.files}
    for name, text in built.items():
        assert text.startswith(right[name])
        if attack.id not in UNREADABLE:
            compile(text, name, "exec")


def test_what_is_meant_to_be_unreadable_is() -> None:
    for attack in attacks():
        if attack.id in UNREADABLE:
            with pytest.raises(SyntaxError):
                compile(attack.files[0].read_text(encoding="utf-8"), attack.id, "exec")


def test_every_folder_holds_an_attack() -> None:
    folders = {path.name for path in ATTACKS.iterdir() if path.is_dir()}
    assert sorted(attack.id for attack in attacks()) == sorted(folders)


def test_no_rule_is_both_sure_and_unsure_to_be_lost() -> None:
    assert not [attack.id for attack in attacks() if attack.breaks & attack.unsure]


def test_the_name_of_a_module_stands_for_the_rules_that_exercise_it(tmp_path: Path) -> None:
    attack = one(tmp_path, 'stage = 1\nsays = ""\nbreaks = ["block_hash", "1.3"]', "block_pool.py")
    hashing = {rule.id for rule in stage_1().rules if rule.module == "block_hash"}
    assert attack.breaks == hashing | {"1.3"}


@pytest.mark.parametrize(
    ("toml", "names"),
    [
        ('stage = 1\nsays = ""\nbreaks = ["1.99"]', ("block_pool.py",)),
        ('stage = 1\nsays = ""\nbreaks = []\nbraeks = []', ("block_pool.py",)),
        ("stage = 1\nbreaks = []", ("block_pool.py",)),
        ('stage = 1\nsays = ""\nbreaks = []', ()),
        ('stage = 1\nsays = ""\nbreaks = []', ("errors.py",)),
        ('stage = 1\nsays = ""\nbreaks = []\nmissing = ["errors.py"]', ()),
        ("stage = 1\nsays =", ("block_pool.py",)),
        ('says = ""\nbreaks = []', ("block_pool.py",)),
    ],
)
def test_an_attack_that_does_not_fit_its_stage_is_refused(
    toml: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(RubricError, match="own"):
        one(tmp_path, toml, *names)


def test_the_reference_is_left_as_it_was(tmp_path: Path) -> None:
    before = modules(REFERENCE)
    for attack in attacks():
        build_attack(attack, REFERENCE, tmp_path / attack.id)
    assert modules(REFERENCE) == before


def test_an_attack_is_not_written_over_another(tmp_path: Path) -> None:
    attack = replace(attacks()[0], missing=())
    build_attack(attack, REFERENCE, tmp_path)
    with pytest.raises(FileExistsError):
        build_attack(attack, REFERENCE, tmp_path)
