"""kill -9 at any moment, then --resume: the scores are the same to the byte.

BATCH_KILLS=60 kills more often; the moments are spread over all that a batch writes.
"""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path

import pytest

from autograder.batch.run.log import progress
from autograder.sandbox.processes import is_dead
from tests.batch.bench import batch, killed_at, logged, make_class, make_root, scores

KILLS = int(os.environ.get("BATCH_KILLS", "4"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A tiny repository, a class, and an undisturbed run of it."""
    path = tmp_path_factory.mktemp("killed")
    root, subs, run = make_root(path / "root"), make_class(path / "subs"), path / "run"
    assert batch(root, subs, "--out", run, "--seed", 1).returncode == 6
    return root, subs, run


@pytest.mark.timeout(60 + 20 * KILLS)
def test_a_batch_that_is_killed_and_resumed_gives_the_same_scores(
    whole: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    root, subs, run = whole
    dice = random.Random(KILLS)
    expected, size = scores(run), logged(run)
    killed = number = 0
    while killed < KILLS:
        other = tmp_path / str(number)
        number += 1
        first = (subs, "--out", other, "--seed", "1")
        going_on: tuple[object, ...] = first
        while killed < KILLS:
            moment = logged(other) + dice.randrange(size // 3)
            if not killed_at(root, other, moment, *going_on):
                break
            killed += 1
            if (other / "manifest.jsonl").exists():
                going_on = ("--resume", "--out", other, "--seed", "1")
        ended = batch(root, *going_on)
        assert ended.returncode == 6, ended.stderr
        assert scores(other) == expected, f"after {killed} kills"
        assert not (other / "scratch").exists()


def test_a_log_that_is_cut_anywhere_is_gone_on_with(
    whole: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    root, subs, run = whole
    expected = scores(run)
    dice = random.Random(7)
    for log in (run / "graded").glob("*.jsonl"):
        data = log.read_bytes()
        log.write_bytes(data[: dice.randrange(len(data))])
    ended = batch(root, "--resume", "--out", run, "--no-health")
    assert ended.returncode == 6 and scores(run) == expected


def test_a_grader_that_is_killed_costs_nobody_a_point(
    whole: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    import subprocess

    from tests.batch.bench import CODE, command

    root, subs, run = whole
    other = tmp_path / "run"
    arguments = (subs, "--out", other, "--seed", 1, "--no-health", "--workers", 1)
    process = subprocess.Popen(
        command(root, *arguments), cwd=CODE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    victim = 0
    while process.poll() is None and not victim:
        if logged(other) > logged(run) // 4:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            victim = int(children.split()[0])
            os.kill(victim, signal.SIGKILL)
    assert process.wait() == 6 and victim and is_dead(victim)
    assert scores(other) == scores(run)
    stopped = [one for one in (other / "graded").glob("*") if '"stopped"' in one.read_text()]
    assert [progress(one).attempts for one in stopped] == [2]
    assert "died" in json.dumps([one.read_text() for one in stopped])
