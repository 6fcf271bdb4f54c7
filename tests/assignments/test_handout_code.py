"""Every handout agrees with the code: files, commands, and answers that run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.source.solutions import load_wheats
from tests.assignments.handout import HANDOUTS, ROOT, Handout

REFERENCE = ROOT / "reference" / "pagedlab"
QUICK = 2
"""Correct solutions a stage that the gate tries; the others are marked slow."""
CORRECT = [
    pytest.param(
        handout,
        wheat,
        id=f"{handout.stage.id}-{wheat or 'reference'}",
        marks=[pytest.mark.slow] if number >= QUICK else [],
    )
    for handout in HANDOUTS
    for number, wheat in enumerate(("", *(wheat.id for wheat in load_wheats(handout.stage))))
]
each = pytest.mark.parametrize("handout", HANDOUTS, ids=lambda one: one.stage.folder.name)


@each
def test_every_file_of_a_task_is_one_that_students_write(handout: Handout) -> None:
    files = set(re.findall(r"`pagedlab/(\w+\.py)`", handout.section("Tasks")))
    assert files == set(handout.stage.modules)


@each
def test_every_make_command_exists(handout: Handout) -> None:
    makefiles = "".join((ROOT / name).read_text("utf-8") for name in ("Makefile", "instructor.mk"))
    commands = set(re.findall(r"`make ([a-z-]+)", handout.text))
    assert commands
    assert commands <= set(re.findall(r"^([a-z-]+):", makefiles, re.MULTILINE))


@pytest.mark.parametrize(("handout", "wheat"), CORRECT)
def test_the_answers_to_the_predictions_hold_for_every_correct_solution(
    handout: Handout, wheat: str, tmp_path: Path
) -> None:
    package = shutil.copytree(REFERENCE, tmp_path / "pagedlab")
    for file in handout.stage.folder.glob(f"wheats/{wheat}/*.py") if wheat else ():
        shutil.copy(file, package)
    answers = handout.answers()
    (tmp_path / "answers.txt").write_text(answers, encoding="utf-8")
    flags = ["-o", "IGNORE_EXCEPTION_DETAIL", "-o", "ELLIPSIS"]
    path = os.pathsep.join((str(tmp_path), str(ROOT)))  # the language model is at the root
    done = subprocess.run(
        [sys.executable, "-m", "doctest", *flags, "answers.txt"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert answers.count(">>>") >= 5
