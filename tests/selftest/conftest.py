"""What the self-test grades, and with which isolation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.judge.grade import Job, grade_stage
from autograder.judge.parents import Parents
from autograder.rubric.load import load_course
from autograder.rubric.model import Course
from autograder.sandbox.isolation import Isolation, probe
from autograder.scoring.outcome import Outcome
from autograder.scoring.result import StageScore
from autograder.scoring.score import score_run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def course() -> Course:
    return load_course(ROOT / "assignments")


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    return probe()


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder that workers of another user can reach."""
    with tempfile.TemporaryDirectory(prefix="pagedlab-selftest-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


class Grader:
    """Grades whole submissions for tests, as the command line does, but shortens no failure."""

    def __init__(self, course: Course, isolation: Isolation, cache: Path) -> None:
        self._course = course
        self._isolation = isolation
        self._cache = cache

    def grade(self, submission: Path, stage: int = 1, seed: int = 1) -> StageScore:
        """The score of one stage."""
        outcomes: list[Outcome] = []
        with Parents(self._isolation) as parents:
            earlier = self._course.stages
            job = Job(ROOT, submission, parents, seed, self._cache, frozenset(), earlier, False)
            grade_stage(job, self._course.stage(stage), outcomes.append)
        (score,) = score_run(self._course, (stage,), outcomes)
        return score


@pytest.fixture(scope="session")
def grader(course: Course, isolation: Isolation, scratch: Path) -> Grader:
    return Grader(course, isolation, scratch / "cache")
