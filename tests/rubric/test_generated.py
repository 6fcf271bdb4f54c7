"""Generated blocks of documents: filled, checked, and up to date in this repository."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from autograder.cli.rubric import generate, main
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError
from autograder.source.generated import END, fill

ROOT = Path(__file__).resolve().parents[2]

DOCUMENT = f"above\n<!-- BEGIN GENERATED: a -->\nold\n{END}\nbelow\n"


def test_filling_replaces_the_block_alone_and_is_idempotent() -> None:
    filled = fill(DOCUMENT, "a", "new\n")
    assert "new" in filled and "old" not in filled
    assert filled.startswith("above\n") and filled.endswith(f"{END}\nbelow\n")
    assert fill(filled, "a", "new") == filled


@pytest.mark.parametrize(
    "document",
    [
        "no block",
        DOCUMENT + DOCUMENT,
        DOCUMENT.replace(END, ""),
        f"<!-- BEGIN GENERATED: a -->\n<!-- BEGIN GENERATED: b -->\n{END}",
    ],
)
def test_a_missing_double_or_open_block_is_refused(document: str) -> None:
    with pytest.raises(RubricError, match="GENERATED"):
        fill(document, "a", "new")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    copytree(ROOT / "assignments", tmp_path / "assignments")
    (tmp_path / "rubric.md").write_bytes((ROOT / "rubric.md").read_bytes())
    return tmp_path


def test_rubric_and_handouts_are_what_the_generator_gives() -> None:
    documents = generate(ROOT)
    assert ROOT / "rubric.md" in documents
    for path, text in documents.items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run `make rubric`"


def test_no_hidden_title_is_in_the_rubric() -> None:
    text = (ROOT / "rubric.md").read_text(encoding="utf-8")
    for stage in load_course(ROOT / "assignments").stages:
        for rule in stage.rules:
            assert (rule.title in text) == rule.visible, rule.id


def test_check_notices_drift_and_writes_nothing(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = (copy / "rubric.md").read_text("utf-8").replace("| 7 | 4 |", "| 8 | 3 |")
    (copy / "rubric.md").write_text(edited, encoding="utf-8")
    assert main(["--check"], copy) == 1
    assert capsys.readouterr().out == "rubric.md\n"
    assert (copy / "rubric.md").read_text("utf-8") == edited


def test_writing_mends_drift_and_keeps_what_is_written_by_hand(copy: Path) -> None:
    text = (copy / "rubric.md").read_text("utf-8")
    by_hand = "By hand.\n"
    (copy / "rubric.md").write_text(text.replace("| 7 | 4 |", "| 8 | 3 |") + by_hand, "utf-8")
    assert main([], copy) == 0
    assert (copy / "rubric.md").read_text("utf-8") == text + by_hand
    assert main(["--check"], copy) == 0


def test_an_unusable_rubric_is_one_clear_line_and_exit_3(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "rubric.md").write_text("nothing generated here", encoding="utf-8")
    assert main([], copy) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "rubric.md" in error


def test_points_are_not_taken_for_the_id_of_a_rule() -> None:
    text = (ROOT / "rubric.md").read_text("utf-8")
    ids = {rule.id for stage in load_course(ROOT / "assignments").stages for rule in stage.rules}
    cells = [cell.strip() for line in text.splitlines() for cell in line.split("|")[2:]]
    assert cells
    assert ids.isdisjoint(cells)
