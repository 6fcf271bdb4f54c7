"""The verbs of a finished run: what they write, and what they refuse in one line."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from autograder.batch.intake.found import Person
from autograder.cli import dashboard, export, similar
from autograder.rubric.load import load_course
from tests.batch.bench import make_root, submission
from tests.batch.exports.classroom50_reader import refused
from tests.batch.exports.test_documents import ADAS
from tests.batch.exports.test_gradebooks import CANVAS, MOODLE
from tests.batch.scores.bench import Run

ADA = Person("0555", "Lovelace, Ada", "ada@example.edu", "ada", "1001", "201")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    root = make_root(tmp_path / "root")
    for verb in (dashboard, export, similar):
        monkeypatch.setattr(verb, "ROOT", root)
    run = Run(tmp_path / "run", load_course(root / "assignments"))
    run.add("ada", {"90.1"}, people=(ADA,), students=())
    run.add("=grace", {"!90.1"}, people=(Person("556", "Hopper, Grace"),), students=())
    for entry in run.entries:
        submission(run.folder.store / entry.content)
    return run


def said(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    return out + err


@pytest.mark.parametrize(
    ("form", "text", "more"), [("canvas", CANVAS, ["--column", "12345"]), ("moodle", MOODLE, [])]
)
def test_a_gradebook_is_filled_and_the_template_stays(
    form: str,
    text: str,
    more: list[str],
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    template = tmp_path / "template.csv"
    template.write_text(text)
    arguments = [form, str(run.folder.path), "--template", str(template), *more]
    assert export.main(arguments) == 0
    told = said(capsys)
    assert "1 grades filled in" in told and "Grace: there is no grade" in told.replace(
        "Hopper, Grace", "Grace"
    ).replace("Grace Hopper", "Grace")
    filled = (run.folder.path / "exports" / f"{form}.csv").read_text()
    assert "10.00" in filled and template.read_text() == text
    assert export.main([*arguments, "--out", str(template)]) == 2
    assert "the template stays as it is" in said(capsys)
    assert export.main(arguments[:2]) == 2 and "--template" in said(capsys)
    assert export.main([*arguments[:3], str(tmp_path / "nothing.csv"), *more]) == 2


@pytest.mark.parametrize("form", ["gradescope", "reports"])
def test_each_student_with_a_grade_gets_a_document(
    form: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.main([form, str(run.folder.path)]) == 0
    assert said(capsys).startswith("1 of 2 students")
    (file,) = (run.folder.path / "exports" / form).iterdir()
    text = file.read_text()
    if form == "reports":
        assert file.name == "0555.html" and "Lovelace" not in text
    else:
        assert file.name == "0555.json"
        assert json.loads(text)["score"] == 10.0


def test_classroom50_gets_a_result_for_each_that_it_published(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["classroom50", str(run.folder.path)]
    assert export.main(arguments) == 2 and "that it downloaded" in said(capsys)
    arguments += ["--template", str(tmp_path)]
    assert export.main(arguments) == 0
    assert "0 of 2 students" in said(capsys)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "result.json").write_text(json.dumps(ADAS))
    assert export.main(arguments) == 0
    assert "1 of 2 students" in said(capsys)
    (file,) = (run.folder.path / "exports" / "classroom50").iterdir()
    result = json.loads(file.read_text())
    assert result["score"] == 1000 and refused(result, ADAS) == ""


def test_junit_is_one_file(run: Run) -> None:
    assert export.main(["junit", str(run.folder.path)]) == 0
    tree = ElementTree.parse(run.folder.path / "exports" / "junit.xml")
    assert len(tree.getroot()) == 2


def test_the_page_of_the_class_and_its_pseudonyms_are_written(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run.folder.path
    assert dashboard.main([str(path)]) == 0
    page, names = (path / "dashboard.html").read_text(), (path / "pseudonyms.csv").read_text()
    assert "Lovelace" not in page and "0555" in names and "S001" in names
    assert dashboard.main([str(path), "--names"]) == 0
    assert "Lovelace, Ada (0555)" in (path / "dashboard.html").read_text()
    assert "who is who" in said(capsys)


def test_pairs_that_are_alike_are_written_under_pseudonyms(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert similar.main([str(run.folder.path), "--least", "0.5"]) == 0
    assert "of 2 submissions" in said(capsys)
    assert (run.folder.path / "similar.csv").read_text().startswith("one,other,share,places\n")


def test_what_is_no_run_is_refused_in_one_line(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for verb, arguments in ((dashboard, []), (export, ["junit"]), (similar, [])):
        assert verb.main([*arguments, str(tmp_path)]) == 2
        assert said(capsys).count("\n") == 1
