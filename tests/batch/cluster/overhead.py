"""What a cluster costs above the local pool: `python -m tests.batch.cluster.overhead [STEP]`.

Grades two classes, one larger by STEP than the other, whose submissions take next to nothing, with
each engine. The difference of the two is what a submission costs, the rest is the engine's start.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from autograder.sandbox.processes import is_dead
from autograder.sandbox.syscalls import prctl
from tests.batch.bench import CODE, command, make_root, submission
from tests.batch.cluster import slurm
from tests.batch.cluster.slurm import Slurm

FEW = 4
PR_SET_CHILD_SUBREAPER = 36


def cpu_seconds(root: Path, subs: Path, run: Path, *more: str, cluster: Slurm | None) -> float:
    """Of a batch and all that it starts, here or in jobs: whatever is orphaned becomes ours."""
    daemons = set(cluster.processes()) if cluster else set()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = command(root, subs, "--out", run, "--seed", 1, "--no-health", *more)
    env = cluster.environment if cluster else None
    subprocess.run(words, cwd=CODE, env=env, check=True, capture_output=True)
    if cluster:
        cluster.wait_for(lambda: _reaped(cluster.processes()) <= daemons, "the end of its jobs")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _reaped(pids: Sequence[int]) -> set[int]:
    """Those that live; the ended ones of our children are waited for, and so counted."""
    while os.waitpid(-1, os.WNOHANG)[0]:
        pass
    return {pid for pid in pids if not is_dead(pid)}


def main(step: int) -> None:
    """Measure and print."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    engines = {"pool": (), "local": ("--cluster", "local"), "slurm": ("--cluster", "slurm")}
    if why := slurm.missing():
        print(f"without Slurm: {why}")
        del engines["slurm"]
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        root = make_root(place / "root")
        running = stack.enter_context(slurm.running()) if "slurm" in engines else None
        for count in (FEW, FEW + step):
            for number in range(count):
                submission(place / f"class{count}" / f"s{number}", pages=number)
        print(f"{'engine':<8}{'a submission':>16}{'the start':>12}   CPU-seconds")
        for engine, more in engines.items():
            took = {}
            for count in (FEW, FEW + step):
                took[count] = cpu_seconds(
                    root,
                    place / f"class{count}",
                    place / f"{engine}{count}",
                    *("--workers", "2", *more),
                    cluster=running if engine == "slurm" else None,
                )
            each = (took[FEW + step] - took[FEW]) / step
            print(f"{engine:<8}{each:>16.3f}{took[FEW] - FEW * each:>12.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
