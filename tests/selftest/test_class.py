"""A generated class is graded for what it is: nobody right loses, nobody wrong gets through."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli.grading import ROOT
from autograder.rubric.load import load_course
from autograder.source.attacks import load_attacks
from autograder.source.variants import load_chaffs

STUDENTS = 40


def autograder(*arguments: object) -> int:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True).returncode


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_student_of_a_class_gets_the_verdict_that_is_known(tmp_path: Path) -> None:
    made, run = tmp_path / "class", tmp_path / "run"
    assert autograder("students", made, "--count", STUDENTS, "--seed", 1) == 0
    roster = ("--roster", made / "roster.csv", "--stage", 1, "--out", run)
    assert autograder("batch", made / "submissions", *roster) == 6
    stage = load_course(ROOT / "assignments").stage(1)
    chaffs = {one.id: set(one.caught_by) for one in load_chaffs(stage)}
    attacks = {one.id: one for one in load_attacks(ROOT / "tests" / "attacks", stage)}
    lost: dict[str, set[str]] = {}
    for row in table(run / "rules.csv"):
        if float(row["points"]) < float(row["max"]):
            lost.setdefault(row["student"], set()).add(row["rule"])
    status = {row["student"]: row["status"] for row in table(run / "grades.csv")}
    answers = {row["student_id"]: row for row in table(made / "answers.csv")}
    seen = set()
    for student, answer in answers.items():
        what = answer["what"]
        if answer["kind"] == "copied":
            what = answers[what.rpartition(" ")[2]]["what"]
        expected = {"absent": "none", "unreadable": "unreadable", "stray": "none"}
        assert status[student] == expected.get(answer["kind"], "graded"), answer
        mine = lost.get(student, set())
        tested = {rule for rule in mine if re.fullmatch(r"1\.P?\d+", rule)}
        kind = what.split(",")[0].split(" (")[0] if status[student] == "graded" else "none"
        seen.add(kind)
        if kind == "1 right":
            assert not {rule for rule in tested if "P" not in rule}, answer
        elif kind == "1 wrong":
            (chaff,) = re.findall(r"1 wrong \((\w+)\)", what)
            assert chaffs[chaff] <= mine, answer
        elif what.startswith("hostile"):
            attack = attacks.get(what.rpartition(" ")[2])
            if attack:
                assert attack.breaks <= tested <= attack.breaks | attack.unsure, answer
    assert {"1 right", "1 wrong", "none"} <= seen
