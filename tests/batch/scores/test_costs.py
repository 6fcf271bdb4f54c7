"""What grading took is told whole and by stage, and work that several sent counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.batch.dashboard.page import page
from autograder.batch.run import log
from autograder.batch.run.report import Report
from autograder.batch.run.summary import summary
from autograder.batch.scores.costs import taken
from autograder.batch.scores.work_out import work_out
from autograder.rubric.load import load_course
from tests.batch.bench import make_root
from tests.batch.scores.bench import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "run", load_course(make_root(tmp_path / "root") / "assignments"))
    for key, cpu, memory in (("ada", 1.5, 40), ("alan", 4.0, 90), ("grace", 2.0, 20)):
        run.add(key)
        spent = {"cpu_seconds": cpu, "wall_seconds": 2 * cpu, "memory_mb": memory}
        log.add(run.folder.log(f"of_{key}"), "stage", stage=91, session="s", **spent)
    run.add("copied", content="ada")
    return run


def test_each_stage_and_the_whole_are_counted_once_a_grading(run: Run) -> None:
    first, second, whole = taken(work_out(run.folder, run.course))
    assert (first.stage, first.gradings, first.cpu_all, first.memory_mb) == (90, 3, 3.0, 30)
    assert (second.cpu_median, second.cpu_most, second.wall_most, second.memory_mb) == (
        *(2.0, 4.0, 8.0, 90),
    )
    assert (whole.stage, whole.gradings, whole.cpu_all) == (0, 3, 10.5)


def test_the_table_has_columns_for_each_stage(run: Run) -> None:
    row = run.table("timing.csv")["alan"]
    assert (row["cpu_seconds"], row["memory_mb"]) == ("5.0", "90")
    assert (row["stage 91 cpu_seconds"], row["stage 90 memory_mb"]) == ("4.0", "30")


def test_what_is_graded_anew_costs_what_it_took_the_last_time(run: Run) -> None:
    run.grade("alan", set())
    assert run.table("timing.csv")["alan"]["cpu_seconds"] == "1.0"


def test_the_page_and_the_last_lines_tell_it(run: Run) -> None:
    grades = work_out(run.folder, run.course)
    text = page("PagedLab", grades, {}, None)
    assert "<tr><td>stage 91<td class=n>3<td class=n>2.0<td class=n>4.0<td class=n>8" in text
    report = Report(graded=3, seconds=10.0, cpu_seconds=15.0, busy=0.93)
    lines = "\n".join(summary(report, grades, run.folder.path))
    assert "3.0 CPU-seconds (median; at most 5.0)" in lines and "90 MB" in lines
    assert "stage 90: 1.0, stage 91: 2.0" in lines
    assert "graders had work 93% of the time; 15 CPU-seconds in all" in lines
    report.busy = 0.0
    assert "had work" not in "\n".join(summary(report, grades, run.folder.path)), "a cluster"
