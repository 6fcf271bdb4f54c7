"""Another course's folder is graded by this grader, and a run remembers which it was.

The course is the toy of `make bench-batch`, whose graders must all mean the same.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.batch.document import Measured, document
from benchmarks.batch.graders import Graded, Verdict
from benchmarks.batch.measure import Cost, run
from benchmarks.batch.plain import passed_by
from benchmarks.batch.submissions import FILE, TOY, ill_behaved, well_behaved
from tests.batch.bench import CODE

RULES = {"1.1", "1.2", "1.3", "1.4", "1.5", "1.6"}
SOME = ("right_00", "wrong_double_give", "raises_in_take", "stub")


def autograder(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, cwd=CODE, capture_output=True, text=True)


def test_the_toys_tests_tell_right_from_wrong() -> None:
    for one in well_behaved():
        if not one.name.startswith("raises"):
            passed = passed_by(one.text)
            assert (passed == RULES) == one.name.startswith("right"), one.name


def test_no_two_submissions_of_the_comparison_are_the_same() -> None:
    texts = [one.text for one in (*well_behaved(), *ill_behaved())]
    assert len(set(texts)) == len(texts) >= 20


def test_another_course_is_graded_like_this_one(tmp_path: Path) -> None:
    subs, out = tmp_path / "subs", tmp_path / "run"
    some = {one.name: one.text for one in well_behaved() if one.name in SOME}
    for name, text in some.items():
        (subs / name / FILE).parent.mkdir(parents=True)
        (subs / name / FILE).write_text(text)
    done = autograder("batch", subs, "--course", TOY, "--out", out, "--seed", 1)
    assert done.returncode == 0, done.stderr
    with (out / "rules.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for name, text in some.items():
        graded = {row["rule"] for row in rows if (row["student"], row["status"]) == (name, "pass")}
        assert graded == passed_by(text), name
    assert autograder("grades", out).returncode == 0, "by the course that it was begun with"
    assert "Slots" in autograder("dashboard", out).stdout + (out / "dashboard.html").read_text()
    refused = autograder("batch", subs, "--course", CODE, "--out", out)
    assert refused.returncode == 2 and "another course" in refused.stderr


def test_what_a_command_costs_is_counted_with_all_that_it_starts(tmp_path: Path) -> None:
    burn = "sum(range(4_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{burn}'])"
    done = run([sys.executable, "-c", child], tmp_path)
    assert done.code == 0 and done.cost.cpu > run([sys.executable, "-c", "0"], tmp_path).cost.cpu
    late = run([sys.executable, "-c", "while True: pass"], tmp_path, seconds=0.2)
    assert late.code is None and late.cost.cpu > 0


@pytest.mark.parametrize(("cpu", "word"), [(24.0, "reached"), (3.0, "missed")])
def test_the_document_says_whether_the_target_is_met(cpu: float, word: str) -> None:
    verdicts = {"a": Verdict(frozenset(RULES)), "b": Verdict(None, "no result")}
    answers = {"a": frozenset(RULES), "b": frozenset[str]()}
    ours = Measured("ours", 2, Graded(verdicts, Cost(1.0, 2.0)), Graded(verdicts, Cost()))
    other = Measured("other", 2, Graded(verdicts, Cost(9.0, cpu)), None)
    text = document([ours, other], 0.0, answers)
    assert f"{cpu / 2:.1f} times, {word}" in text
    assert "| ours | 1.0 | 2.0 | 1.000 | 1.0 | 1 of 2 |" in text
