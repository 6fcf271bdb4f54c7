"""The container's part: no fault of ours or of otter's becomes a grade."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from autograder.publish import call
from autograder.publish.call import EngineFault, Setting, run_engine
from autograder.publish.container import main
from autograder.publish.gradescope import results
from autograder.publish.report import Report
from tests.publish.bench import PYTHON, fake_engine, gradescope_errors, some_report

WRITES = "(out / 'report.json').write_text(pathlib.Path({file!r}).read_text())\n"
SETTING = Setting(7, (1, 2), 30.0)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder like /autograder, with a submission in it."""
    place = tmp_path / "autograder"
    (place / "submission" / "tests").mkdir(parents=True)
    (place / "submission" / "one.py").touch()
    (place / "submission_metadata.json").touch()
    (place / "results").mkdir()
    return place


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return some_report(tmp_path / "root")


@pytest.fixture(autouse=True)
def python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(call.PYTHON, PYTHON)


def decided(place: Path, report: Report) -> None:
    """The engine has written its report."""
    out = place / "pagedlab" / "out"
    out.mkdir(parents=True)
    (out / "report.json").write_text(json.dumps(report.to_json()))


def written(place: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((place / "results" / "results.json").read_text())
    return document


def test_the_submission_is_out_of_otters_way_before_otter_looks(place: Path) -> None:
    def otter(folder: str) -> None:
        assert list(Path(folder, "submission").iterdir()) == []
        assert json.loads(Path(folder, "submission_metadata.json").read_text()) == {}
        Path(folder, "results", "results.json").write_text('{"score": 1}')

    assert main(place, otter) == 0
    assert {one.name for one in (place / "pagedlab" / "sent").iterdir()} == {"one.py", "tests"}
    for name in ("source", "results", "pagedlab"):
        assert (place / name).stat().st_mode & 0o077 == 0, "closed to the users of workers"


def test_where_otter_breaks_after_grading_the_engines_grade_stands(
    place: Path, report: Report
) -> None:
    def otter(folder: str) -> None:
        decided(place, report)
        Path(folder, "results", "results.json").write_text('{"score": 0, "tests": []}')
        raise SystemExit("a dead kernel")

    assert main(place, otter) == 0
    assert written(place) == json.loads(json.dumps(results(report)))
    assert gradescope_errors(written(place)) == []


def test_where_nothing_is_decided_there_is_no_zero(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def otter(folder: str) -> None:
        Path(folder, "results", "results.json").write_text('{"score": 0, "tests": []}')
        raise RuntimeError("no kernel")

    assert main(place, otter) == 1
    assert list((place / "results").iterdir()) == []
    assert "nothing was graded" in capsys.readouterr().out


def test_otter_that_writes_nothing_is_a_fault(place: Path) -> None:
    assert main(place, lambda folder: None) == 1


def test_the_engine_is_told_what_the_zip_says(place: Path, tmp_path: Path, report: Report) -> None:
    file = tmp_path / "given.json"
    file.write_text(json.dumps(report.to_json()))
    tell = "(out / 'told.json').write_text(json.dumps([str(sent), *arguments, sorted(os.environ)]))"
    fake_engine(place, "import os\n" + tell + "\n" + WRITES.format(file=str(file)))
    os.environ["PYTHONSTARTUP"] = "x"
    found = run_engine(place, place / "submission", tmp_path / "out", SETTING)
    del os.environ["PYTHONSTARTUP"]
    sent, *arguments, environment = json.loads((tmp_path / "out" / "told.json").read_text())
    assert found == report and sent == str(place / "submission")
    assert arguments == ["--seed=7", "--stage=1", "--stage=2"]
    assert not {name for name in environment if name.startswith("PYTHON")}


def test_an_engine_that_hangs_is_ended_and_what_it_decided_is_scored(
    place: Path, tmp_path: Path, report: Report
) -> None:
    file = tmp_path / "given.json"
    file.write_text(json.dumps(report.to_json()))
    body = "if '--finish' in arguments:\n    " + WRITES.format(file=str(file))
    fake_engine(place, body + "else:\n    import signal; signal.pause()\n")
    hasty = Setting(7, (), 0.5)
    assert run_engine(place, place / "submission", tmp_path / "out", hasty) == report


@pytest.mark.parametrize(
    "body", ["sys.exit('the suite is broken')", "1 / 0", "import os; os._exit(0)"]
)
def test_an_engine_that_breaks_is_a_fault_and_no_grade(
    place: Path, tmp_path: Path, body: str
) -> None:
    fake_engine(place, body)
    with pytest.raises(EngineFault):
        run_engine(place, place / "submission", tmp_path / "out", SETTING)


def test_without_a_python_for_the_engine_it_is_a_fault(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(call.PYTHON, "/nowhere/python")
    with pytest.raises(EngineFault, match=call.PYTHON):
        run_engine(place, place / "submission", place / "out", SETTING)


def test_what_the_zip_says_is_read_back(tmp_path: Path) -> None:
    assert Setting.from_json(json.loads(json.dumps(SETTING.to_json()))) == SETTING
    with pytest.raises(EngineFault):
        Setting.from_json({"seed": 1})
