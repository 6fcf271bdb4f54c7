"""kill -9 at any moment, then --resume: the scores are the same to the byte.

BATCH_KILLS=60 kills more often; with `-s -n 0` it tells in which phases. Half of the kills are at a
write of the batch's own, drawn within a phase, and half come from outside, when the logs have grown
by a number of bytes that is drawn. All that is run is a copy of this grader: edits meanwhile change
nothing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autograder.batch.run.log import progress
from autograder.sandbox.processes import is_dead
from tests.batch.bench import (
    batch,
    command,
    copy_of_code,
    dies_at,
    killed_at,
    logged,
    make_class,
    make_root,
    scores,
)
from tests.batch.dies import phase_of

KILLS = int(os.environ.get("BATCH_KILLS", "3"))
WRITES = {
    "starting": 20,
    "taking in": 150,
    "planning": 3,
    "checking before": 20,
    "grading": 20,
    "checking after": 12,
    "finishing": 8,
}
"""How much a batch of this class writes, at the least, in each phase."""
A_RUN = 6
"""So often one run is killed before it is let go to its end."""


@dataclass
class Place:
    """A tiny repository, a class, an undisturbed run of it, and a copy of the grader."""

    path: Path
    code: Path
    phases: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.root, self.subs = make_root(self.path / "root"), make_class(self.path / "subs")
        self.run = self.path / "run"
        assert batch(self.root, self.subs, "--out", self.run, "--seed", 1).returncode == 6
        self.expected, self.size = scores(self.run), logged(self.run)

    def arguments(self, run: Path) -> tuple[object, ...]:
        """How a batch is begun, or gone on with once all is taken in."""
        first = ("--resume",) if (run / "manifest.jsonl").exists() else (self.subs,)
        return (*first, "--out", run, "--seed", "1")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    path = tmp_path_factory.mktemp("killed")
    place = Place(path, copy_of_code(path / "code"))
    yield place
    if place.phases:
        total = sum(place.phases.values())
        words = ", ".join(f"{phase} {count}" for phase, count in place.phases.items())
        print(f"\n{total} kills: {words}")


@pytest.mark.timeout(60 + 20 * KILLS)
def test_a_batch_that_is_killed_and_resumed_gives_the_same_scores(
    whole: Place, tmp_path: Path
) -> None:
    dice = random.Random(KILLS)
    wanted, killed, number = KILLS - KILLS // 6, 0, 0
    while killed < wanted:
        run = tmp_path / str(number)
        number += 1
        order = list(WRITES)
        phases = sorted(dice.choices(order, k=A_RUN), key=order.index)
        for phase in phases[: wanted - killed]:
            if order.index(phase) >= order.index(phase_of(run)):
                killed += _killed(whole, run, phase, dice)
        ended = batch(whole.root, *whole.arguments(run), code=whole.code)
        assert ended.returncode == 6, ended.stderr
        assert scores(run) == whole.expected, f"after {killed} kills"
        assert not (run / "scratch").exists()
        shutil.rmtree(run)


def _killed(whole: Place, run: Path, phase: str, dice: random.Random) -> bool:
    """Kill a batch once, if it comes to the drawn moment; otherwise it comes to its end."""
    arguments = whole.arguments(run)
    left = whole.size - logged(run)
    if left < whole.size // 10 or dice.random() < 0.5:
        write = 1 + dice.randrange(WRITES[phase])
        died = dies_at(whole.code, "batch", whole.root, run, phase, write, *arguments)
    else:
        moment = logged(run) + dice.randrange(left // 2)
        died = killed_at(whole.root, run, moment, *arguments, code=whole.code)
    if died:
        whole.phases[phase_of(run)] += 1
    return died


@pytest.mark.timeout(60 + 20 * KILLS)
def test_a_merge_that_is_killed_and_done_again_gives_the_same_scores(
    whole: Place, tmp_path: Path
) -> None:
    dice = random.Random(KILLS)
    parts = [tmp_path / f"part{number}" for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        shard = ("--shard", f"{number}/2", "--no-health")
        batch(whole.root, *whole.arguments(part), *shard, code=whole.code)
    for number in range(max(1, KILLS // 6)):
        run = tmp_path / str(number)
        shutil.copytree(parts[0], run, symlinks=True)
        write = 1 + dice.randrange(20)
        whole.phases["merging"] += dies_at(
            whole.code, "merge", whole.root, run, "any", write, run, parts[1]
        )
        assert not dies_at(whole.code, "merge", whole.root, run, "any", 0, run, parts[1])
        assert scores(run) == whole.expected
        shutil.rmtree(run)


def test_a_log_that_is_cut_anywhere_is_gone_on_with(whole: Place, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(whole.run, run, symlinks=True)
    dice = random.Random(7)
    for log in (run / "graded").glob("*.jsonl"):
        data = log.read_bytes()
        log.write_bytes(data[: dice.randrange(len(data))])
    ended = batch(whole.root, "--resume", "--out", run, "--no-health", code=whole.code)
    assert ended.returncode == 6 and scores(run) == whole.expected


def test_what_was_not_checked_at_its_end_is_checked_when_the_batch_goes_on(
    whole: Place, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(whole.run, run, symlinks=True)
    log = run / "batch.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    assert '"ended"' in lines.pop() and '"after"' in lines.pop()
    log.write_text("".join(lines), encoding="utf-8")
    assert batch(whole.root, "--resume", "--out", run, code=whole.code).returncode == 6
    added = [json.loads(line) for line in log.read_text("utf-8").splitlines()[len(lines) :]]
    checked = [one["session"] for one in added if one["event"] == "health"]
    assert len(checked) == 2 and checked[0] in "".join(lines), "its own session, and the one before"
    assert scores(run) == whole.expected


def test_a_grader_that_is_killed_costs_nobody_a_point(whole: Place, tmp_path: Path) -> None:
    other = tmp_path / "run"
    arguments = (whole.subs, "--out", other, "--seed", 1, "--no-health", "--workers", 1)
    process = subprocess.Popen(
        command(whole.root, *arguments),
        cwd=whole.code,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    victim = 0
    while process.poll() is None and not victim:
        if logged(other) > whole.size // 4:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            victim = int(children.split()[0])
            os.kill(victim, signal.SIGKILL)
    assert process.wait() == 6 and victim and is_dead(victim)
    assert scores(other) == whole.expected
    stopped = [one for one in (other / "graded").glob("*") if '"stopped"' in one.read_text()]
    assert [progress(one).attempts for one in stopped] == [2]
    assert "died" in json.dumps([one.read_text() for one in stopped])
