"""What holds of otter itself. Needs `.venv-otter`; skipped, and says so, where it is not made."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.publish.bundle import write_bundle
from autograder.publish.call import PYTHON as NAMED
from autograder.publish.call import Setting
from autograder.publish.gradescope import results
from autograder.publish.otter_tests import write_otter_tests
from autograder.publish.parity import (
    Parity,
    attack_cases,
    compare,
    known_cases,
    otter_results,
    packed,
)
from autograder.publish.public_rules import SUBMISSION, graded
from autograder.publish.report import Report, from_json
from autograder.rubric.load import load_course
from autograder.source.attacks import load_attacks
from tests.publish.bench import OTTER, PYTHON, ROOT, gradescope_errors, some_report

pytestmark = [
    pytest.mark.skipif(not OTTER.is_file(), reason="otter is not installed: run `make otter`"),
    pytest.mark.timeout(900),
]
slow = pytest.mark.slow
COURSE = load_course(ROOT / "assignments")
ATTACKS = load_attacks(ROOT / "tests" / "attacks", COURSE.stage(1))
KNOWN = {case.name: case for case in known_cases(ROOT)}
LONG = Setting(0, (1,), 600.0)


def in_otter(**asked: Any) -> Any:
    script = ROOT / "tests" / "publish" / "in_otter.py"
    ended = subprocess.run(
        [OTTER, script], input=json.dumps(asked), capture_output=True, text=True, cwd=ROOT
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One rule passed in part, one lost, one undecided."""
    return some_report(tmp_path_factory.mktemp("root"), {"90.10", "90.2"}, fault="90.1")


@pytest.fixture(scope="module")
def said(report: Report) -> Any:
    plain = report.to_json()
    tops = [["pagedlab/block_pool.py", "pagedlab.ipynb"], ["mine.ipynb", "one.py"]]
    return in_otter(
        round_trip=plain, after_a_crash=plain, generated=None, refused=tops, hidden=plain
    )


def test_a_report_comes_back_from_otter_as_it_was(report: Report, said: Any) -> None:
    assert from_json(said["round_trip"]["back"]) == report


def test_otter_itself_holds_ids_points_maxima_and_visibility(report: Report, said: Any) -> None:
    held = said["round_trip"]["held"]
    assert (held["total"], held["possible"]) == (report.score, report.maximum - report.undecided)
    assert list(held["rules"]) == [item.id for item in report.items]
    for item in report.items:
        assert held["rules"][item.id] == {
            "points": item.points,
            "possible": 0.0 if item.undecided else item.maximum,
            "hidden": not item.visible,
            "passed": item.status == "pass",
        }


def test_without_our_data_only_what_otter_has_no_place_for_is_lost(
    report: Report, said: Any
) -> None:
    bare = {item.id: item for item in from_json(said["round_trip"]["bare"]).items}
    first, *_ = report.items
    for item in report.items:
        points = item.points + 0.25 * (item.id == first.id)
        maximum = 0.0 if item.undecided else item.maximum
        kept = bare[item.id]
        assert (kept.points, kept.maximum, kept.visible) == (points, maximum, item.visible)


def test_what_another_plugin_changes_is_in_the_total_and_on_gradescope(
    report: Report, said: Any
) -> None:
    changed = from_json(said["round_trip"]["changed"])
    assert changed.score == round(report.score + 0.25, 2)
    assert changed.items[0].points == report.items[0].points + 0.25
    published = said["round_trip"]["published"]
    assert published["score"] == changed.score
    assert published["tests"][0]["score"] == changed.items[0].points
    assert gradescope_errors(published) == []


def test_otter_writes_our_document_for_gradescope(report: Report, said: Any) -> None:
    assert said["round_trip"]["document"] == json.loads(json.dumps(results(report)))


def test_what_another_plugin_hides_is_hidden_on_gradescope(said: Any) -> None:
    hidden = said["hidden"]
    assert {test["visibility"] for test in hidden["tests"]} == {"hidden"}
    assert hidden["output"] == "too many submissions today" and hidden["leaderboard"] == []
    assert gradescope_errors(hidden) == []


def test_results_of_a_kernel_that_died_are_replaced(report: Report, said: Any) -> None:
    crashed = said["after_a_crash"]
    assert crashed["total"] == report.score and not crashed["failed"]


def test_what_otter_has_spoilt_is_refused_and_not_graded(said: Any) -> None:
    top, notebook = said["refused"]
    assert "zip the folder" in top and "mine.ipynb" in notebook


def test_our_zip_has_what_otter_generate_puts_into_its_own(said: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(write_bundle(ROOT, tmp_path).file) as archive:
        ours = {name for name in archive.namelist() if not name.startswith("engine/")}
    theirs = {name for name in said["generated"] if not name.startswith("tests/")}
    assert theirs - ours == {"environment.yml"}, "setup.sh makes environments of its own"


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(ROOT, tmp_path_factory.mktemp("zip"), LONG).file


def agreed(found: Parity) -> None:
    assert found.differences == ()
    assert found.rules > 20


@slow
@pytest.mark.parametrize("name", KNOWN)
def test_otter_and_the_engine_agree_on_what_is_known(
    name: str, autograder: Path, tmp_path: Path
) -> None:
    found = compare(ROOT, autograder, KNOWN[name], tmp_path)
    agreed(found)
    assert {"reference": 15.0, "starter": 0.0}.get(name, found.otter) == found.otter


@slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_otter_and_the_engine_agree_on_hostile_submissions(
    attack: Any, autograder: Path, tmp_path: Path
) -> None:
    (case,) = attack_cases(ROOT, [attack], tmp_path / "attacks")
    agreed(compare(ROOT, autograder, case, tmp_path))


@slow
def test_the_reference_gets_every_point_of_every_stage_from_otter(tmp_path: Path) -> None:
    whole = write_bundle(ROOT, tmp_path / "zip", Setting(0, (), 1800.0))
    sent = packed(KNOWN["reference"].folder, tmp_path)
    held, document = otter_results(ROOT, whole.file, sent, tmp_path)
    lost = [name for name, rule in held["rules"].items() if rule["points"] != rule["possible"]]
    assert lost == []
    points = sum(sum(stage.cells.values()) for stage in COURSE.stages)
    assert held["total"] == document["score"] == points == 100
    assert gradescope_errors(document) == []
    stages = {rule.id for stage in COURSE.stages for rule in stage.rules if rule.check != "human"}
    assert set(held["rules"]) == stages


@slow
def test_what_gradescope_runs_gives_the_example_its_grade(autograder: Path, tmp_path: Path) -> None:
    """As in the container: the zip unpacked, an empty metadata file, content at the top."""
    place = tmp_path / "autograder"
    with zipfile.ZipFile(autograder) as archive:
        archive.extractall(place / "source")
    shutil.copytree(KNOWN["example"].folder, place / "submission")
    for name in ("one.py", "two.py", "mine.ipynb"):  # any of these would stop otter
        (place / "submission" / name).touch()
    (place / "submission_metadata.json").touch()
    environment = {**os.environ, NAMED: PYTHON}
    ended = subprocess.run(
        [OTTER, place / "source" / "run_otter.py"], capture_output=True, text=True, env=environment
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    document = json.loads((place / "results" / "results.json").read_text())
    assert gradescope_errors(document) == []
    assert 6 < document["score"] < 12 and len(document["tests"]) == 32
    assert "isolation" in ended.stdout, "the instructor's log says what protected the run"


@slow
@pytest.mark.parametrize("name", KNOWN)
def test_otter_check_agrees_with_the_engine_on_public_rules(name: str, tmp_path: Path) -> None:
    write_otter_tests(COURSE, tmp_path)
    (tmp_path / "work.py").touch()
    folder = KNOWN[name].folder
    ended = subprocess.run(
        [OTTER.parent / "otter", "check", "work.py", "-t", tmp_path / "stage1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, SUBMISSION: str(folder)},
    )
    assert ended.returncode == 0, ended.stderr
    tested = {path.stem for path in (tmp_path / "stage1").glob("*.py")}
    passed = set(re.findall(r"^(\S+) results: All test cases passed", ended.stdout, re.MULTILINE))
    failed = set(re.findall(r"^(\S+) results:$", ended.stdout, re.MULTILINE))
    if "All tests passed!" in ended.stdout:
        passed = tested
    assert passed | failed == tested and not passed & failed
    graded.cache_clear()
    engine = graded(1, str(folder))
    assert passed == {rule for rule in tested if engine[rule]["status"] == "pass"}
    assert {"reference": tested, "starter": set()}.get(name, passed) == passed
