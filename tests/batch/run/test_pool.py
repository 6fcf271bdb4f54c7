"""What takes too long is stopped and told; weaker isolation gives the same points."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from autograder.batch.run import plan
from autograder.batch.run.batch import run_batch
from autograder.batch.run.display import Display, shown_seconds
from autograder.batch.run.folder import RunFolder
from autograder.batch.run.log import progress
from autograder.batch.run.pace import Pace
from autograder.batch.run.request import Request
from autograder.batch.run.suite import seed_of, suite_hash
from autograder.batch.run.taking_in import modules_of
from autograder.batch.run.task import Task
from autograder.batch.scores.work_out import work_out
from autograder.rubric.load import load_course
from autograder.sandbox.isolation import Tier, probe
from tests.batch.bench import HANGS, make_root, statuses, submission
from tests.cli.conftest import WRONG, Terminal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_root(tmp_path / "root")


def grade(root: Path, run: Path, tier: Tier = Tier.NAMESPACES) -> dict[str, tuple[str, str]]:
    course = load_course(root / "assignments")
    request = Request(run, root.parent / "subs", seed=1, workers=1, health=False)
    run_batch(root, course, probe(tier), request, io.StringIO())
    work_out(RunFolder(run), course)
    return statuses(run)


def test_what_takes_too_long_in_all_is_stopped_and_is_no_zero(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission(tmp_path / "subs" / "slow", HANGS)
    monkeypatch.setattr(plan, "SECONDS_BESIDE", 0.05 - 3 * 60.0)
    assert grade(root, tmp_path / "run") == {"slow": ("timeout", "")}
    (log,) = (tmp_path / "run" / "graded").iterdir()
    assert progress(log).stopped == "timeout"
    monkeypatch.undo()
    assert grade(root, tmp_path / "run") == {"slow": ("timeout", "")}, "until it is asked for"


def test_weaker_isolation_gives_the_same_points(root: Path, tmp_path: Path) -> None:
    submission(tmp_path / "subs" / "right")
    submission(tmp_path / "subs" / "wrong", WRONG)
    assert grade(root, tmp_path / "run", Tier.LIMITS) == {
        "right": ("graded", "14.00"),
        "wrong": ("graded", "9.00"),
    }


def test_a_seed_is_its_contents_own() -> None:
    seeds = {seed_of(run, content) for run in (1, 2) for content in ("a", "b", "c")}
    assert len(seeds) == 6 and all(0 <= seed < 1 << 31 for seed in seeds)
    assert seed_of(1, "a") == seed_of(1, "a")


def test_a_suites_name_follows_from_what_decides_outcomes(root: Path) -> None:
    before = suite_hash(root, code=root)
    for name in ("autograder/batch/x.py", "autograder/cli/x.py", "autograder/report/x.html"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    assert suite_hash(root, code=root) == before
    for name in ("autograder/judge/x.py", "assignments/x.toml", "reference/pagedlab/x.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
        assert suite_hash(root, code=root) != before
        before = suite_hash(root, code=root)


def tasks(*names: str) -> list[Task]:
    return [Task(name, name, "", "", 0, (1, 2), "", 0.0) for name in names]


def test_a_terminal_shows_how_far_it_is_and_when_it_will_be_through() -> None:
    stream, all_of_them = Terminal(), tasks(*map(str, range(10)))
    display = Display(stream, all_of_them, 2)
    display.stage(all_of_them[0], 1, 60.0)
    display.stage(all_of_them[0], 2, 120.0)
    display.ended(all_of_them[0])
    display.tick(tasks("ada", "grace"))
    last = stream.getvalue().rpartition("\r\x1b[K")[2]
    assert "1/10" in last and "ETA 13:30" in last and last.endswith("now: ada grace")
    display.ended(all_of_them[1], "alan: took too long")
    assert "alan: took too long\n" in stream.getvalue()


def test_a_file_gets_a_line_now_and_then() -> None:
    stream, all_of_them = io.StringIO(), tasks(*map(str, range(100)))
    display = Display(stream, all_of_them, 2)
    for task in all_of_them:
        display.tick([task])
        display.ended(task)
    assert len(stream.getvalue().splitlines()) == 10
    assert stream.getvalue().splitlines()[-1].strip() == "100/100"


def test_what_is_left_is_told_by_what_each_stage_takes() -> None:
    first, second, third = tasks("ada", "grace", "alan")
    pace = Pace([first, second, third], slots=2)
    assert pace.seconds_left is None, "nothing is known yet"
    pace.stage(first, 1, 10.0)
    assert pace.seconds_left == 5 * 10.0 / 2
    pace.stage(first, 2, 90.0)
    pace.ended(first)
    assert pace.seconds_left == 2 * (10.0 + 90.0) / 2
    pace.ended(second)
    assert pace.seconds_left == 100.0, "one task is worked at by one process"
    pace.ended(third)
    assert pace.seconds_left is None


def test_seconds_are_shown_as_people_read_them() -> None:
    assert [shown_seconds(one) for one in (0, 59.6, 3600, 3725)] == [
        "0:00",
        "1:00",
        "1:00:00",
        "1:02:05",
    ]


def test_modules_of_all_stages_mark_a_project(root: Path) -> None:
    course = load_course(root / "assignments")
    assert modules_of(course) == {"ledger.py", "book.py"}
