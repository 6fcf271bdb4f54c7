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
