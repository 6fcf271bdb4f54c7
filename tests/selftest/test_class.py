"""A generated class is graded for what it is: nobody right loses, nobody wrong gets through.

CLASS_OF=24 CLASS_STAGES="1 2 3 4 5 6 7" takes so many students and these stages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from autograder.batch.run.folder import RunFolder, Settings
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course
from tests.selftest.class_verdicts import Class

STUDENTS = int(os.environ.get("CLASS_OF", "40"))
STAGES = os.environ.get("CLASS_STAGES", "1").split()


def autograder(*arguments: object) -> int:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL).returncode


@pytest.mark.slow
@pytest.mark.timeout(900 + 60 * STUDENTS * len(STAGES))
def test_every_student_of_a_class_gets_the_verdict_that_is_known(tmp_path: Path) -> None:
    made, run = tmp_path / "class", tmp_path / "run"
    assert autograder("students", made, "--count", STUDENTS, "--seed", 1) == 0
    stages = [word for number in STAGES for word in ("--stage", number)]
    roster = ("--roster", made / "roster.csv", *stages, "--out", run)
    assert autograder("batch", made / "submissions", *roster) == 6
    seen: Counter[str] = Counter()
    assert not list(Class(made, run, load_course(ROOT / "assignments")).mistakes(seen))
    assert {"right stage", "wrong stage", "unreadable", "none"} <= set(seen)


TOLD = [
    ("1", "regular", "1 right (heap)", "graded", {"1.1"}, "1.1 is lost, and the stage is right"),
    ("2", "regular", "1 wrong (touch_counts_to_one)", "graded", set(), "1.6 is not lost"),
    ("3", "regular", "1 not begun", "graded", {"1.2"}, "1.1 has points"),
    ("4", "hostile", "hostile: bottomless_recursion", "graded", {"1.2"}, "1.2 is lost"),
    ("5", "unreadable", "Nothing.", "graded", set(), "is graded, not unreadable"),
    ("6", "regular", "1 right", "graded", set(), ""),
    ("7", "copied", "the work of 2", "graded", {"1.6"}, ""),
]


def test_a_wrong_verdict_is_found(tmp_path: Path) -> None:
    course = load_course(ROOT / "assignments")
    run = RunFolder(tmp_path)
    run.begin(Settings(1, (1,), "", ""))
    answers, grades = "student_id,kind,what\n", "student,status\n"
    rules = "student,rule,points,max\n"
    for student, kind, what, status, lost, _ in TOLD:
        answers += f'{student},{kind},"{what}"\n'
        grades += f"{student},{status}\n"
        for rule in course.stage(1).rules:
            rules += f"{student},{rule.id},{0 if rule.id in lost else 1},1\n"
    for name, text in (("answers", answers), ("grades", grades), ("rules", rules)):
        (tmp_path / f"{name}.csv").write_text(text)
    found = list(Class(tmp_path, tmp_path, course).mistakes(Counter()))
    for student, *_, mistake in TOLD:
        mine = [line for line in found if line.startswith(f"{student} ")]
        assert any(mistake in line for line in mine) if mistake else not mine, (student, mine)
