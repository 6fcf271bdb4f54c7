"""A session gives fresh workers, has the next one ready, and leaves none behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.judge.faults import GraderFault, WorkerEnded
from autograder.judge.observe import observe
from autograder.judge.parents import Parents
from autograder.judge.session import Session
from autograder.program.model import Op
from autograder.sandbox.isolation import Isolation
from tests.judge.bench import make_stage, make_submission, stage_it

PROGRAM = (Op("new"), Op("total"))
LEAVES = "import os\nos._exit(3)\n"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that workers of another user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def session_of(place: Path, parents: Parents, book: str = "PAGES = 3\n") -> Session:
    stage = make_stage(place / "90_ledger")
    submission = make_submission(place / "own", book=book)
    return Session(stage, stage_it(stage, submission, place / "into"), parents, seed=1)


def is_running(worker: object) -> bool:
    return Path(f"/proc/{worker._pipes.pid}").exists()  # type: ignore[attr-defined]


def test_every_worker_is_another_process_and_can_run_programs(
    place: Path, isolation: Isolation
) -> None:
    with Parents(isolation) as parents, session_of(place, parents) as session:
        workers = [session.new_worker() for _ in range(3)]
        assert len({worker._pipes.pid for worker in workers}) == 3
        for worker in workers:
            assert [seen.error for seen in observe(worker, PROGRAM, session.budget)] == ["", ""]


def test_the_next_worker_is_begun_before_it_is_asked_for(place: Path, isolation: Isolation) -> None:
    with Parents(isolation) as parents, session_of(place, parents) as session:
        session.new_worker()
        begun = session._spare
        assert begun is not None and is_running(begun[0])
        assert session.new_worker() is begun[0]


def test_no_worker_is_left_behind(place: Path, isolation: Isolation) -> None:
    with Parents(isolation) as parents:
        with session_of(place, parents) as session:
            session.new_worker()
            workers = list(session._workers)
        assert len(workers) >= 2
        assert not any(map(is_running, workers))


def test_a_restart_gives_workers_of_another_parent(place: Path, isolation: Isolation) -> None:
    with Parents(isolation) as parents, session_of(place, parents) as session:
        before = session.new_worker()
        session.restart()
        assert not is_running(before)
        assert is_running(session.new_worker())


def test_a_module_that_ends_the_process_is_left_out_of_later_workers(
    place: Path, isolation: Isolation
) -> None:
    with Parents(isolation) as parents, session_of(place, parents, book=LEAVES) as session:
        assert set(session.import_failures) == {"book"}
        seen = observe(session.new_worker(), PROGRAM, session.budget)
        assert [one.error for one in seen] == ["", ""]


def test_a_folder_that_workers_cannot_reach_is_a_fault_of_the_grader(
    place: Path, isolation: Isolation
) -> None:
    with Parents(isolation) as parents, session_of(place, parents) as session:
        session.staged.folder.rename(place / "elsewhere")
        with pytest.raises(GraderFault):
            session.new_worker()


def test_a_module_that_imports_only_now_and_then_ends_its_worker_and_no_other(
    place: Path, isolation: Isolation
) -> None:
    book = "import os, time\nif time.monotonic_ns() % 2: os._exit(3)\n"
    with Parents(isolation) as parents, session_of(place, parents, book=book) as session:
        for _ in range(6):
            try:
                worker = session.new_worker()
            except WorkerEnded:
                continue
            assert [one.error for one in observe(worker, PROGRAM, session.budget)] == ["", ""]


def test_a_worker_of_another_kind_is_asked_once(place: Path, isolation: Isolation) -> None:
    ask = ("autograder.worker.student_tests", "run")
    with Parents(isolation) as parents, session_of(place, parents) as session:
        (session.staged.folder / "tests").mkdir()
        test = session.staged.folder / "tests" / "test_own.py"
        test.write_text("def test_own(): pass\n", encoding="utf-8")
        given = {"cpu_seconds": 5.0}
        answer = session.ask_aside((ask[0],), ask, session.budget, given)
        assert isinstance(answer, dict) and answer["ran"] == ["test_own.py::test_own"]
        test.unlink()
        assert session.ask_aside((ask[0],), ask, session.budget, given) is answer
