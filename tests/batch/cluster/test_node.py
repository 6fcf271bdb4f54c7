"""What a node does with a task, without a cluster around it: fit or not, once or twice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs dask, distributed, dask-jobqueue, cryptography")

from autograder.batch.cluster import node as nodes
from autograder.batch.cluster.node import Node
from autograder.batch.cluster.scratch import PREFIX, Scratch
from autograder.batch.cluster.terms import Terms
from autograder.batch.run.folder import RunFolder, Settings
from autograder.batch.run.graders import End
from autograder.batch.run.health import health_tasks
from autograder.batch.run.log import progress
from autograder.batch.run.plan import Setting
from autograder.batch.run.suite import suite_hash
from autograder.batch.run.task import Task
from autograder.rubric.load import load_course
from autograder.sandbox.isolation import Tier, probe
from tests.batch.bench import CODE, make_root
from tests.cli.conftest import WRONG


class Place:
    """A run's folder with two tasks, of which it is known what comes of them."""

    def __init__(self, path: Path) -> None:
        self.root, self.folder = make_root(path / "root"), RunFolder(path / "run")
        self.folder.make()
        course, described = load_course(self.root / "assignments"), probe().describe()
        setting = Setting(
            folder=self.folder,
            settings=Settings(1, (90,), "", ""),
            course=course,
            suite=suite_hash(self.root),
            isolation=described,
            environment={},
            started="",
            session="s",
            known={},
        )
        self.tasks, problems = health_tasks(setting, self.root, {"ledger.py"}, "before")
        assert not problems
        run = self.folder.path
        for name in ("cluster/s/parts", "jobs"):
            (run / name).mkdir(parents=True)
        tier = Tier.NAMESPACES.value
        self.terms = Terms(
            CODE, self.root, run / "cache", run / "cluster" / "s", run / "jobs",
            setting.suite, tier, described,
        )  # fmt: skip

    @property
    def task(self) -> Task:
        """The reference's."""
        return self.tasks[0]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield Place(tmp_path)
    assert not list(tmp_path.glob(f"{PREFIX}*")), "a node keeps nothing"


def test_a_result_is_there_whole_and_a_second_one_of_the_same_is_not(place: Place) -> None:
    log = Path(place.task.log)
    before = log.read_bytes()
    node, late = Node(place.terms), Node(place.terms)
    assert node.grade(place.task, place.tasks).end is End.DONE
    after = log.read_bytes()
    assert after.startswith(before) and progress(log).stages == {90}
    assert late.grade(place.task, ()).end is End.DONE
    assert log.read_bytes() == after
    assert not list((place.terms.session / "parts").iterdir())
    node.teardown(None)
    late.teardown(None)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"suite": "of another checkout"}, "its suite, Python or code differs"),
        ({"isolation": "a fortress"}, "its isolation is another"),
        ({"code": Path("/nowhere")}, "it cannot run the grader"),
    ],
)
def test_a_machine_that_would_grade_otherwise_grades_nothing(
    terms: dict[str, object], why: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path(place.task.log).read_bytes()
    monkeypatch.setattr(nodes, "GRACE_SECONDS", 0.0)
    node = Node(replace(place.terms, **terms))
    assert why in node.grade(place.task, ()).unfit
    assert Path(place.task.log).read_bytes() == before


def test_a_worker_that_is_being_ended_decides_nothing(place: Place) -> None:
    before = Path(place.task.log).read_bytes()
    node = Node(replace(place.terms, suite="of another checkout"))
    node.teardown(None)
    with pytest.raises(nodes.Leaving):
        node.grade(place.task, ())
    assert Path(place.task.log).read_bytes() == before


def test_a_machine_on_which_the_reference_fails_grades_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "GRACE_SECONDS", 0.0)
    shutil.copytree(place.task.submission, place.folder.path / "worse")
    worse = place.folder.path / "worse" / "pagedlab" / "ledger.py"
    worse.chmod(0o644)
    worse.write_text(WRONG)
    known = [replace(place.task, submission=str(worse.parents[1])), place.tasks[1]]
    node = Node(place.terms)
    assert "the reference gets 9.00 points" in node.grade(place.task, known).unfit
    assert "the reference gets 9.00 points" in "".join(node.check(known[:1]))
    assert not progress(Path(place.task.log)).stages
    node.teardown(None)


def test_what_a_killed_process_left_is_removed_and_what_another_uses_is_not(place: Place) -> None:
    used, left = Scratch(), Scratch()
    left._lock.close()  # as the system does for a process that is killed
    third = Scratch()
    assert used.path.exists() and not left.path.exists()
    used.close()
    third.close()
