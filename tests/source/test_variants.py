"""Chaffs and wheats fit the reference, and what does not fit is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError, Stage
from autograder.source.solutions import Wheat, build_wheat, load_wheats
from autograder.source.variants import Chaff, build_chaff, load_chaffs

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference"

CHAFF = """[[chaffs]]
id = "{id}"
group = "{group}"
caught_by = ["{rule}"]
says = "It is wrong."
source = ""
module = "{module}"
edits = {edits}
"""
EDIT = "[{ find = 'block.ref_cnt -= 1', replace = 'pass' }]"


STAGES = load_course(ROOT / "assignments").stages
CHAFFS = [chaff for stage in STAGES for chaff in load_chaffs(stage)]
WHEATS = [wheat for stage in STAGES for wheat in load_wheats(stage)]


def named(variant: Chaff | Wheat) -> str:
    return f"{variant.stage}-{variant.id}"


def stage_1() -> Stage:
    return STAGES[0]


def modules(folder: Path) -> dict[str, str]:
    files = sorted((folder / "pagedlab").glob("*.py"))
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def written(folder: Path, *entries: dict[str, str]) -> Stage:
    """Stage 1 with a `chaffs.toml` of its own."""
    usual = {"id": "bad", "group": "A", "rule": "1.4", "module": "block_pool.py", "edits": EDIT}
    text = "\n".join(CHAFF.format(**{**usual, **entry}) for entry in entries)
    (folder / "chaffs.toml").write_text(text, encoding="utf-8")
    return replace(stage_1(), folder=folder)


@pytest.mark.parametrize("chaff", CHAFFS, ids=named)
def test_a_chaff_is_the_reference_with_another_text_in_one_module(
    chaff: Chaff, tmp_path: Path
) -> None:
    build_chaff(chaff, REFERENCE, tmp_path)
    right, wrong = modules(REFERENCE), modules(tmp_path)
    assert {name for name in wrong if wrong[name] != right[name]} == {chaff.module}
    assert wrong.keys() == right.keys()
    compile(wrong[chaff.module], chaff.module, "exec")


@pytest.mark.parametrize("wheat", WHEATS, ids=named)
def test_a_wheat_replaces_some_of_the_references_modules(wheat: Wheat, tmp_path: Path) -> None:
    build_wheat(wheat, REFERENCE, tmp_path)
    built, right = modules(tmp_path), modules(REFERENCE)
    own = {file.name for file in wheat.files}
    assert {name for name in built if built[name] != right[name]} == own
    assert built.keys() == right.keys()
    for name, text in built.items():
        compile(text, name, "exec")


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.folder.name)
def test_there_are_chaffs_for_every_group_of_rules_and_wheats_enough(stage: Stage) -> None:
    tested = {rule.group for rule in stage.rules if not rule.check}
    assert {chaff.group for chaff in load_chaffs(stage)} == tested
    assert len(load_chaffs(stage)) >= 12
    assert len(load_wheats(stage)) >= 5


def test_no_two_chaffs_are_the_same_program() -> None:
    edits = [(chaff.module, chaff.edits) for chaff in CHAFFS]
    assert len(set(edits)) == len(edits)


def test_a_stage_without_chaffs_or_wheats_has_none(tmp_path: Path) -> None:
    stage = replace(stage_1(), folder=tmp_path)
    assert (load_chaffs(stage), load_wheats(stage)) == ((), ())


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        (({"id": "twin"}, {"id": "twin"}), "twin is declared 2 times"),
        (({"rule": "1.99"},), "has not"),
        (({"group": "B"},), "of group B"),
        (({"module": "errors.py"},), "errors.py"),
        (({"edits": "[]"},), "no edit"),
        (({"edits": "[{ find = 'x' }]"},), "replace"),
        (({"id": '"'},), "chaffs.toml"),
    ],
)
def test_a_chaff_that_does_not_fit_its_stage_is_refused(
    entries: tuple[dict[str, str], ...], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(RubricError, match=complaint):
        load_chaffs(written(tmp_path, *entries))


@pytest.mark.parametrize("find", ["not in the text", "num_blocks"])
def test_an_edit_that_does_not_fit_once_names_file_and_chaff_and_writes_nothing(
    find: str, tmp_path: Path
) -> None:
    edits = f"[{{ find = '{find}', replace = '' }}]"
    (chaff,) = load_chaffs(written(tmp_path, {"id": "unfit", "edits": edits}))
    times = modules(REFERENCE)["block_pool.py"].count(find)
    assert times != 1
    with pytest.raises(RubricError, match=f"chaffs.toml: chaff unfit: .* {times} times"):
        build_chaff(chaff, REFERENCE, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_later_edit_sees_what_the_earlier_ones_wrote(tmp_path: Path) -> None:
    edits = (
        "[{ find = 'block.ref_cnt -= 1', replace = 'first' }, "
        "{ find = 'first\\n', replace = 'second\\n' }]"
    ).replace("'", '"')
    (chaff,) = load_chaffs(written(tmp_path, {"edits": edits}))
    build_chaff(chaff, REFERENCE, tmp_path / "out")
    assert "            second\n" in modules(tmp_path / "out")["block_pool.py"]


@pytest.mark.parametrize("name", ["", "errors.py", "notes.py"])
def test_a_wheat_holds_files_that_students_write_and_no_others(name: str, tmp_path: Path) -> None:
    wheat = tmp_path / "wheats" / "odd"
    wheat.mkdir(parents=True)
    if name:
        (wheat / name).write_text("", encoding="utf-8")
    with pytest.raises(RubricError, match="odd"):
        load_wheats(replace(stage_1(), folder=tmp_path))
