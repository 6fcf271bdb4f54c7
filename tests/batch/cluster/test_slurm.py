"""A batch under a real Slurm: jobs cancelled, nodes lost, the client killed: the same scores."""

from __future__ import annotations

import io
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.batch.cluster.array_script import Parts, write_array_script
from autograder.batch.cluster.options import Options
from autograder.batch.run.batch import take_in_alone
from autograder.batch.run.folder import RunFolder
from autograder.batch.run.request import Request
from autograder.rubric.load import load_course
from tests.batch.bench import CODE, batch, command, scores
from tests.batch.cluster import bench, slurm
from tests.batch.cluster.bench import Place, wait_for
from tests.batch.cluster.slurm import Slurm

pytestmark = [
    bench.NEEDS_DASK,
    pytest.mark.slow,
    pytest.mark.timeout(480),
    pytest.mark.skipif(bool(slurm.missing()), reason=slurm.missing() or "Slurm is there"),
]
ENGINE = ("--cluster", "slurm", "--workers", 2)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A class that was graded by the local pool."""
    place = Place(tmp_path_factory.mktemp("slurm"))
    said = batch(place.root, place.subs, "--out", place.path / "pool", "--seed", 1, "--no-health")
    assert said.returncode == 6, said.stderr
    yield place
    place.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Slurm]:
    with slurm.running() as running:
        yield running
    assert not running.processes(), "nothing of Slurm stays"


def ended(client: subprocess.Popen[str], run: Path) -> int:
    code = client.wait(bench.SECONDS)
    if code not in (0, 6):
        print(run.with_suffix(".said").read_text())
        for file in sorted((run / "jobs").glob("*")):
            print(file.name, file.read_text()[-2000:])
    return code


def cancel_one(cluster: Slurm) -> None:
    cluster.say("scancel", cluster.jobs("R")[0])


def requeue_one(cluster: Slurm) -> None:
    cluster.say("scontrol", "requeue", cluster.jobs("R")[0])


def kill_one(cluster: Slurm) -> None:
    workers = bench.dask_workers(cluster.processes())
    os.kill(workers[0], signal.SIGKILL)


def lose_the_node(cluster: Slurm) -> None:
    cluster.lose_node("n1")


@pytest.mark.parametrize("harm", [kill_one, cancel_one, requeue_one, lose_the_node])
def test_what_is_lost_at_work_costs_nobody_a_point(
    harm: Callable[[Slurm], None], place: Place, cluster: Slurm
) -> None:
    run = place.path / harm.__name__
    client = place.start(run, place.subs, *ENGINE, environment=cluster.environment)
    wait_for(client, lambda: bench.is_at_work(run))
    harm(cluster)
    assert ended(client, run) == 6
    assert scores(run) == scores(place.path / "pool")
    assert not (run / "cluster").exists()
    if "n1" not in cluster.daemons:
        cluster.bring_back("n1")


def test_a_batch_whose_client_is_killed_goes_on_and_its_jobs_end_by_themselves(
    place: Place, cluster: Slurm
) -> None:
    run = place.path / "killed"
    client = place.start(run, place.subs, "--no-health", *ENGINE, environment=cluster.environment)
    wait_for(client, lambda: bench.is_at_work(run))
    client.kill()
    client.wait()
    again = place.start(run, "--resume", "--no-health", *ENGINE, environment=cluster.environment)
    assert ended(again, run) == 6
    assert scores(run) == scores(place.path / "pool")
    cluster.wait_for(lambda: not cluster.jobs(), "the end of all jobs")


def test_an_interrupted_batch_takes_its_jobs_back(place: Place, cluster: Slurm) -> None:
    run = place.path / "interrupted"
    client = place.start(run, place.subs, *ENGINE, environment=cluster.environment)
    wait_for(client, lambda: bench.is_at_work(run))
    client.send_signal(signal.SIGINT)
    assert client.wait(bench.SECONDS) == 130
    assert "go on with --resume" in run.with_suffix(".said").read_text()
    cluster.wait_for(lambda: not cluster.jobs(), "the end of all jobs")


def test_a_gpu_and_a_constraint_are_slurms_to_give(place: Place, cluster: Slurm) -> None:
    run, file = place.path / "gpu", place.path / "cluster.toml"
    shared = os.path.commonpath([place.path, CODE])
    file.write_text(
        f'engine = "slurm"\nworkers = 2\ngpus = 1\nconstraint = "a100"\nqueue = "main"\n'
        f'walltime = "00:20:00"\nmemory_gb = 1\nshared = "{shared}"\ninterface = "lo"\n'
        'directives = ["--comment=course"]\nprologue = ["echo GPU $CUDA_VISIBLE_DEVICES"]\n'
    )
    arguments = (place.subs, "--no-health", "--cluster", file)
    client = place.start(run, *arguments, environment=cluster.environment)
    wait_for(client, lambda: bench.is_at_work(run))
    jobs = cluster.say("squeue", "--noheader", "--format=%t %R %f %b %k %l %m")
    said = ["R n1 a100 gres:gpu:1 course 20:00 954M", "PD (Resources) a100 gres:gpu:1 course"]
    assert sorted(line[:30] for line in jobs.splitlines()) == sorted(one[:30] for one in said), jobs
    assert ended(client, run) == 6
    assert scores(run) == scores(place.path / "pool")
    assert "GPU 0\n" in "".join(file.read_text() for file in (run / "jobs").glob("*.out"))


def test_what_slurm_refuses_is_one_line_of_its_own_words(place: Place, cluster: Slurm) -> None:
    run, file = place.path / "refused", place.path / "wrong.toml"
    file.write_text('engine = "slurm"\nqueue = "nowhere"\n')
    client = place.start(run, place.subs, "--cluster", file, environment=cluster.environment)
    assert client.wait(bench.SECONDS) == 3
    said = run.with_suffix(".said").read_text()
    assert said.count("\n") == 1 and "invalid partition" in said
    assert not (run / "cluster").exists()


def test_jobs_that_cannot_start_end_the_batch_with_their_last_words(
    place: Place, cluster: Slurm
) -> None:
    run, file = place.path / "unable", place.path / "unable.toml"
    file.write_text('engine = "slurm"\npython = "/nowhere/python"\n')
    client = place.start(run, place.subs, "--cluster", file, environment=cluster.environment)
    assert client.wait(bench.SECONDS) == 3
    said = run.with_suffix(".said").read_text().splitlines()
    assert "/nowhere/python" in said[-1] and "go on with --resume" in said[-1]
    cluster.wait_for(lambda: not cluster.jobs(), "the end of all jobs")


def test_an_array_of_parts_comes_together_however_often_it_runs(
    place: Place, cluster: Slurm
) -> None:
    whole, script = RunFolder(place.path / "array"), place.path / "array.sh"
    request = Request(whole.path, place.subs, seed=1)
    settings = take_in_alone(load_course(place.root / "assignments"), request, io.StringIO())
    verb = command(place.root)
    merge = [one.replace("batch", "merge") for one in verb]
    parts = Parts(CODE, verb, merge, place.subs, ["--no-health"])
    write_array_script(script, parts, whole, settings, Options(workers=3, memory_gb=1))
    for _ in range(2):
        cluster.say("sbatch", "--wait", str(script))
        lines = script.read_text().splitlines()
        line = next(line for line in lines if "merge" in line).lstrip("# ")
        merged = subprocess.run(["bash", "-c", line], cwd=CODE, capture_output=True, text=True)
        assert merged.returncode == 6, merged.stderr
        assert scores(whole.path) == scores(place.path / "pool")
    assert "0 gradings taken over" in merged.stdout
