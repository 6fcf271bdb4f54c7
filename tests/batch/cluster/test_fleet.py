"""Workers that are not fit are done without; when none is left, or none comes, the batch ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="needs distributed, dask-jobqueue, cryptography")

from autograder.batch.cluster import fleet
from autograder.batch.cluster.fleet import Fleet
from autograder.batch.cluster.options import ClusterError, Options


class Engine:
    """Cluster and client in one: it has some workers, and takes or loses all jobs."""

    def __init__(self, here: int, over: int = 0) -> None:
        self.here, self.over = here, over
        self.left_out: list[object] = []

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": dict.fromkeys(range(self.here))}

    def scale_down(self, names: list[object]) -> None:
        self.left_out += names

    def sync(self, function: Any, *arguments: Any) -> int:
        if function == self.scale_down:
            function(*arguments)
        return self.over


def made(engine: Engine, jobs: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Fleet, list[str]]:
    monkeypatch.setattr(fleet, "LOOK_SECONDS", -1.0)  # looks every time
    said: list[str] = []
    return Fleet(engine, engine, Options(workers=2), jobs, said.append), said


def test_as_many_tasks_are_at_work_as_there_are_workers_and_one_waits_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(here=0)
    workers, said = made(engine, tmp_path, monkeypatch)
    assert workers.room() == 1 and "no worker is here yet" in said[0]
    assert workers.room() == 1 and len(said) == 1, "told once"
    engine.here = 2
    assert workers.room() == 2


def test_the_last_unfit_worker_ends_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(here=2)
    workers, said = made(engine, tmp_path, monkeypatch)
    workers.leave_out("w0", "its suite differs")
    assert engine.left_out == ["w0"] and "w0 is left out: its suite differs" in said[0]
    with pytest.raises(ClusterError, match="no machine of the cluster is fit.*: it has no gcc"):
        workers.leave_out("w1", "it has no gcc")


def test_jobs_that_end_unheard_end_the_batch_and_a_worker_on_the_way_resets_the_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pagedlab-1.err").write_text("bash: /nowhere/python: not found\n\n")
    engine = Engine(here=0, over=2)
    workers, _ = made(engine, tmp_path, monkeypatch)
    workers.room()
    engine.here = 1
    workers.room()
    engine.here = 0
    workers.room()
    with pytest.raises(ClusterError, match="jobs end before .*: bash: /nowhere/python: not found"):
        workers.room()
