"""A stage that stands on another is graded twice: on stand-ins, and on the student's own stage."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from autograder.judge.grade import Job, grade_stage
from autograder.judge.parents import Parents
from autograder.rubric.load import load_course
from autograder.sandbox.isolation import Isolation
from autograder.scoring.outcome import Binding, Outcome, Status
from autograder.scoring.score import score_run

COURSE = """
title = "Two stages"
version = "1"
axes = { correctness = 20, performance = 0, quality = 0, documentation = 0 }
[[stages]]
id = 8
name = "Below"
folder = "8_below"
cells = { correctness = 10, performance = 0, quality = 0, documentation = 0 }
[[stages]]
id = 9
name = "Above"
folder = "9_above"
cells = { correctness = 10, performance = 0, quality = 0, documentation = 0 }
"""
STAGE = """
modules = ["{module}.py"]
given = ["__init__.py"]
upstream = {upstream}
needs = []
[limits]
program_cpu_seconds = 1.0
program_wall_seconds = 10.0
stage_wall_seconds = 60.0
memory_mb = 256
processes = 4
file_mb = 1
[gates]
[groups]
A = "All"
[invariants]
I1 = "the answer is 42"
[[rules]]
id = "{stage}.1"
axis = "correctness"
group = "A"
weight = 1
title = "The answer is right"
invariants = ["I1"]
module = "{module}"
"""
LANGUAGE = """
METHODS, IMPORTS = {"ask": "answer"}, ()
def to_python(op): return "answer()"
def simpler(op): return iter(())
def references(op): return ()
def show_state(state): return []
"""
CONTRACT = """
from autograder.program.model import NotWritten, Violation
class Contract:
    def step(self, op, seen):
        if seen.error == "NotImplementedError":
            raise NotWritten
        if seen.error or seen.result != 42:
            yield Violation("I1", "42", str(seen.result))
"""
DRIVER = """
class Driver:
    ERRORS = ()
    def __init__(self, modules): self.module = modules["{module}"]
    def apply(self, name, args, binds): return self.module.answer()
    def observe(self): return {{}}
"""
TEST = """
from autograder.judge.rules import rule
from autograder.program.model import Op
@rule("{stage}.1")
def test_the_answer_is_right(judge):
    judge.check(Op("ask"))
"""
ABOVE = "from pagedlab.below import answer as below\ndef answer(): return below()\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def stage_files(stage: int, module: str, upstream: list[int]) -> dict[str, str]:
    return {
        "stage.toml": STAGE.format(stage=stage, module=module, upstream=upstream),
        "language.py": LANGUAGE,
        "contract.py": CONTRACT,
        "driver.py": DRIVER.format(module=module),
        "public/test_rule.py": TEST.format(stage=stage),
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, {"assignments/course.toml": COURSE, "reference/pagedlab/__init__.py": ""})
    write(tmp_path / "assignments" / "8_below", stage_files(8, "below", []))
    write(tmp_path / "assignments" / "9_above", stage_files(9, "above", [8]))
    write(tmp_path / "assignments" / "8_below", {"stand_ins/below.py": "def answer(): return 42\n"})
    return tmp_path


@pytest.mark.parametrize(
    ("below", "integrated", "points"),
    [
        ("def answer(): return 42\n", Status.PASS, "10"),
        ("def answer(): return 41\n", Status.FAIL, "8"),
        ("def answer(: syntax error\n", Status.BLOCKED, "8"),
    ],
)
def test_a_broken_stage_below_costs_a_fifth_of_the_stage_above(
    root: Path, isolation: Isolation, below: str, integrated: Status, points: str
) -> None:
    submission = root / "submission"
    write(submission / "pagedlab", {"below.py": below, "above.py": ABOVE})
    course = load_course(root / "assignments")
    outcomes: list[Outcome] = []
    with Parents(isolation) as parents:
        job = Job(root, submission, parents, 1, root / "cache", earlier=course.stages)
        grade_stage(job, course.stage(9), outcomes.append)
    found = {outcome.binding: outcome.status for outcome in outcomes}
    assert found == {Binding.ISOLATED: Status.PASS, Binding.INTEGRATED: integrated}
    (score,) = score_run(course, (9,), outcomes)
    assert score.score == Decimal(points)
