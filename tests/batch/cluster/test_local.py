"""A batch on Dask's own processes: a killed worker costs nobody a point, and doors are shut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from autograder.batch.run.log import progress
from tests.batch.bench import CODE, batch, scores, statuses
from tests.batch.cluster import bench
from tests.batch.cluster.bench import Place, wait_for

pytestmark = [bench.NEEDS_DASK, pytest.mark.timeout(480)]
LOCAL = ("--cluster", "local", "--workers", 2)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A class that was graded by the local pool."""
    place = Place(tmp_path_factory.mktemp("cluster"), without=("bomb", "stub"))
    said = batch(place.root, place.subs, "--out", place.path / "pool", "--seed", 1, "--no-health")
    assert said.returncode == 6, said.stderr
    yield place
    place.close()


def test_a_worker_killed_at_work_costs_nobody_a_point_and_nobody_else_gets_in(
    place: Place,
) -> None:
    run = place.path / "run"
    alone = ("--cluster", "local", "--workers", 1)  # what it does is done again, or nobody does it
    client = place.start(run, place.subs, "--no-health", *alone)
    wait_for(client, lambda: bench.is_at_work(run))
    workers = bench.dask_workers(bench.tree(client.pid))
    keys = next(run.glob("cluster/*/keys"))
    assert {path.stat().st_mode & 0o077 for path in (keys, *keys.iterdir())} == {0}

    graders = bench.graders(bench.tree(client.pid))
    for grader in graders:
        os.kill(grader, signal.SIGSTOP)  # so that we can look around
    doors = {door: bench.answer_to_plain(door) for door in bench.ports(bench.tree(client.pid))}
    plain = [door for door in doors if doors[door].startswith(b"HTTP")]
    assert not any(b"200" in answer for answer in doors.values())
    assert {host for host, _ in plain} <= {"127.0.0.1"}
    secret = [door for door in doors if door not in plain]
    assert len(secret) >= 1 + len(workers), "the scheduler and each worker"
    assert all(bench.lets_in(door, keys) for door in secret)
    assert not any(bench.lets_in(door, None) for door in secret)

    os.kill(workers[0], signal.SIGKILL)
    for grader in graders:
        with suppress(ProcessLookupError):
            os.kill(grader, signal.SIGCONT)
    assert client.wait(bench.SECONDS) == 6, run.with_suffix(".said").read_text()
    assert scores(run) == scores(place.path / "pool")
    assert not (run / "cluster").exists(), "no keys are left"
    logs = list((run / "graded").iterdir())
    assert len(logs) == 3 and all(progress(log).attempts == 1 for log in logs)


@pytest.mark.slow
def test_a_batch_killed_at_work_is_gone_on_with_by_another_engine(place: Place) -> None:
    for number, engines in enumerate([(LOCAL, LOCAL), (LOCAL, ()), ((), LOCAL)]):
        run = place.path / f"killed{number}"
        client = place.start(run, place.subs, "--no-health", *engines[0])
        wait_for(client, partial(bench.has_begun, run))
        started = bench.tree(client.pid)
        client.kill()
        client.wait()
        ended = place.start(run, "--resume", "--no-health", *engines[1])
        assert ended.wait(bench.SECONDS) == 6, run.with_suffix(".said").read_text()
        assert scores(run) == scores(place.path / "pool")
        assert not [pid for pid in started if Path(f"/proc/{pid}/exe").exists()]


@pytest.mark.slow
def test_an_interrupted_batch_says_how_to_go_on_and_leaves_nothing_at_work(place: Place) -> None:
    run = place.path / "interrupted"
    client = place.start(run, place.subs, "--no-health", *LOCAL)
    wait_for(client, lambda: bench.is_at_work(run))
    started = bench.tree(client.pid)
    client.send_signal(signal.SIGINT)
    assert client.wait(bench.SECONDS) == 130
    assert "--resume" in run.with_suffix(".said").read_text()
    assert not (run / "cluster").exists()
    assert not [pid for pid in started if Path(f"/proc/{pid}/exe").exists()]


@pytest.mark.slow
def test_what_ends_every_worker_is_given_up_and_is_no_zero(place: Place) -> None:
    run = place.path / "poison"
    words = [sys.executable, "-m", "tests.batch.cluster.poison", place.root, place.subs]
    words += ["--out", run, "--seed", 1, "--no-health", *LOCAL]
    said = subprocess.run(list(map(str, words)), cwd=CODE, capture_output=True, text=True)
    assert said.returncode == 6, said.stderr
    others = {key: one for key, one in statuses(place.path / "pool").items() if key != "right"}
    assert statuses(run) == others | {"right": ("infra", "")}
    assert "3 workers of the cluster were lost with it" in said.stdout
