"""A batch gives every row its status, does nothing twice, and lets nobody touch another's grade."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.batch.run import folder as folders
from autograder.batch.run.folder import FolderError, RunFolder
from tests.batch.bench import batch, make_class, make_root, scores, statuses, submission
from tests.cli.conftest import WRONG


class Place:
    """A tiny repository, a class, and a finished run."""

    def __init__(self, path: Path) -> None:
        self.root, self.run = make_root(path / "root"), path / "run"
        self.subs = make_class(path / "subs")
        self.said = batch(self.root, self.subs, "--out", self.run, "--seed", 1, "--workers", 2)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield Place(tmp_path_factory.mktemp("batch"))


def logs(run: Path) -> dict[str, str]:
    files = [run / "batch.jsonl", *(run / "graded").glob("*")]
    return {file.name: file.read_text() for file in files}


def attempts(run: Path) -> dict[str, int]:
    """How often each submission was begun."""
    found: dict[str, int] = {}
    for log in (run / "graded").glob("*.jsonl"):
        events = [json.loads(line) for line in log.read_text().splitlines()]
        found[events[0]["submission"]] = sum(one["event"] == "attempt" for one in events)
    return found


def test_every_submission_has_one_status_and_only_graded_ones_have_points(place: Place) -> None:
    assert place.said.returncode == 6, place.said.stderr
    assert statuses(place.run) == {
        "right": ("graded", "14.00"),
        "wrong": ("graded", "9.00"),
        "copied": ("graded", "9.00"),
        "stub": ("graded", "0.00"),
        "ends": ("graded", "0.00"),
        "bomb": ("graded", "0.00"),
        "empty": ("unreadable", ""),
        "broken": ("unreadable", ""),
    }
    assert "empty: unreadable: nothing was sent" in place.said.stdout
    assert (place.run / "needs_attention.csv").read_text().count("unreadable") == 2


def test_the_health_of_the_machine_is_checked_before_and_after(place: Place) -> None:
    events = [json.loads(line) for line in (place.run / "batch.jsonl").read_text().splitlines()]
    health = [one for one in events if one["event"] == "health"]
    assert [(one["when"], one["problems"]) for one in health] == [("before", []), ("after", [])]
    assert attempts(place.run)["reference"] == 2


def test_the_same_content_is_graded_once(place: Place) -> None:
    assert ("wrong" in attempts(place.run)) != ("copied" in attempts(place.run))


def test_time_and_memory_of_each_are_told(place: Place) -> None:
    lines = (place.run / "timing.csv").read_text().splitlines()
    assert len(lines) == 7
    for line in lines[1:]:
        cpu, wall, _, memory = map(float, line.split(",")[3:7])
        assert 0 < cpu < 30 and 0 < wall and 5 < memory < 300


def test_the_machine_is_checked_while_submissions_are_taken_in(place: Place) -> None:
    lines = (place.run / "batch.jsonl").read_text().splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert events.index("grading") < events.index("intake") < events.index("health")
    assert events[-1] == "ended" and events.count("health") == 2


def test_nothing_is_done_twice(place: Place) -> None:
    before, points = logs(place.run), scores(place.run)
    said = batch(place.root, "--resume", "--out", place.run)
    assert said.returncode == 6 and "gradings in" not in said.stdout
    assert logs(place.run) == before and scores(place.run) == points
    again = batch(place.root, place.subs, "--out", place.run)
    assert again.returncode == 6
    assert len(logs(place.run)["batch.jsonl"].splitlines()) == (
        len(before["batch.jsonl"].splitlines()) + 1
    ), "that it was taken in again is all that is noted"


def test_a_submission_is_graded_alone_as_in_company(place: Place, tmp_path: Path) -> None:
    submission(tmp_path / "subs" / "ends", (place.subs / "ends/pagedlab/ledger.py").read_text(), 3)
    run = tmp_path / "run"
    said = batch(place.root, tmp_path / "subs", "--out", run, "--seed", 1, "--no-health")
    assert said.returncode == 0, said.stderr
    rules = (run / "rules.csv").read_text().splitlines()
    assert set(rules) <= set((place.run / "rules.csv").read_text().splitlines())
    name = next((run / "graded").iterdir()).name
    assert (place.run / "graded" / name).exists(), "its seed is its own, too"


def test_one_can_be_graded_anew_and_the_others_are_left_alone(place: Place) -> None:
    points, before = scores(place.run), attempts(place.run)
    said = batch(place.root, "--resume", "--out", place.run, "--only", "right", "--no-health")
    assert "1 gradings" in said.stdout
    after = attempts(place.run)
    assert {key for key in after if after[key] != before[key]} == {"right"}
    assert scores(place.run) == points


def test_what_changed_is_graded_and_a_changed_suite_regrades_all(
    place: Place, tmp_path: Path
) -> None:
    root, run, subs = make_root(tmp_path / "root"), tmp_path / "run", tmp_path / "subs"
    submission(subs / "one", pages=1)
    submission(subs / "two", pages=2)
    batch(root, subs, "--out", run, "--no-health")
    rules = root / "assignments" / "90_ledger" / "public" / "test_rules.py"
    rules.write_text(rules.read_text() + "\n# a change\n")
    (subs / "two" / "pagedlab" / "ledger.py").write_text(WRONG)
    said = batch(root, subs, "--out", run, "--changed", "--no-health")
    assert "1 gradings" in said.stdout and statuses(run)["two"] == ("graded", "9.00")
    said = batch(root, subs, "--out", run, "--no-health")
    assert "1 gradings" in said.stdout, "two was graded by the new suite already"
    said = batch(root, subs, "--out", run, "--no-health")
    assert "gradings" not in said.stdout


def test_an_unfit_machine_grades_nobody(tmp_path: Path) -> None:
    root, run, subs = make_root(tmp_path / "root"), tmp_path / "run", tmp_path / "subs"
    (root / "reference" / "pagedlab" / "ledger.py").write_text(WRONG)
    submission(subs / "one")
    said = batch(root, subs, "--out", run)
    assert said.returncode == 3 and "the reference gets 9.00 points" in said.stdout
    assert statuses(run) == {"one": ("pending", "")}


def test_a_run_keeps_its_seed_and_stages(place: Place, tmp_path: Path) -> None:
    for wrong in (["--seed", 2], ["--stage", 91]):
        said = batch(place.root, "--resume", "--out", place.run, *wrong)
        assert said.returncode == 2 and "begun with seed 1" in said.stderr
    said = batch(place.root, place.subs, "--out", tmp_path / "new", "--stage", 91)
    assert said.returncode == 2 and "no stage 91" in said.stderr
    said = batch(place.root, "--resume", "--out", tmp_path / "new")
    assert said.returncode == 2 and "nothing was taken in" in said.stderr


def test_a_folder_of_something_else_is_left_alone(place: Place, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    said = batch(place.root, place.subs, "--out", tmp_path)
    assert said.returncode == 2 and "is no run's folder" in said.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_batches_do_not_work_on_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "LOCK_SECONDS", 0.0)
    folder = RunFolder(tmp_path / "run")
    folder.make()
    with folder.locked(), pytest.raises(FolderError, match="another batch"):
        with folder.locked():
            pass


def test_a_run_is_closed_to_other_users_and_leaves_no_temporary_files(place: Place) -> None:
    assert place.run.stat().st_mode & 0o077 == 0
    assert not (place.run / "scratch").exists()


def test_a_roster_gives_every_student_one_row(place: Place, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("username,name\nright,R\nwronk,W\nabsent,A\n")
    subs = tmp_path / "subs"
    for number, name in enumerate(["right", "wrong"]):
        submission(subs / name, (place.subs / name / "pagedlab/ledger.py").read_text(), number)
    run = tmp_path / "run"
    common = ["--out", run, "--no-health", "--seed", 1]
    said = batch(place.root, subs, "--roster", roster, *common)
    assert said.returncode == 6
    found = statuses(run)
    assert {key: one[0] for key, one in found.items()} == {
        "right": "graded",
        "wronk": "none",
        "absent": "none",
        "wrong": "graded",
    }
    assert found["absent"] == ("none", "")
    repair = run / "roster_repair.csv"
    assert "wrong,wronk" in repair.read_text()
    repair.write_text(repair.read_text().replace("wronk,0.8,", "wronk,0.8,yes"))
    said = batch(place.root, subs, *common)
    assert said.returncode == 0 and "gradings" not in said.stdout
    assert statuses(run) == {
        "right": ("graded", "14.00"),
        "wronk": ("graded", "9.00"),
        "absent": ("none", ""),
    }


def test_nobody_can_be_chosen_who_is_not_there(place: Place) -> None:
    said = batch(place.root, "--resume", "--out", place.run, "--only", "rigth")
    assert said.returncode == 2 and "'rigth'" in said.stderr


def test_a_policy_is_taken_over_once_and_then_is_the_instructors(
    place: Place, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('missing = "zero"\n')
    run, subs = tmp_path / "run", tmp_path / "subs"
    subs.mkdir()
    (tmp_path / "roster.csv").write_text("username\nabsent\n")
    common = [subs, "--out", run, "--roster", tmp_path / "roster.csv", "--policy", policy]
    assert batch(place.root, *common).returncode == 0
    assert statuses(run) == {"absent": ("none", "0.00")}
    (run / "policy.toml").write_text('missing = "blank"\n')
    said = batch(place.root, *common)
    assert "stays as it is" in said.stderr and statuses(run) == {"absent": ("none", "")}
    policy.write_text("du = 1\n")
    assert batch(place.root, *common).returncode == 2
