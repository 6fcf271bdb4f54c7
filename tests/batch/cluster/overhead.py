"""What a cluster costs above the local pool: `python -m tests.batch.cluster.overhead [STEP]`.

Grades two classes, one larger by STEP than the other, whose submissions take next to nothing, with
each engine. The difference of the two is what a submission costs, the rest is the engine's start.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.batch.bench import CODE, command, make_root, submission
from tests.batch.cluster import slurm

FEW = 4
TOML = 'engine = "slurm"\nworkers = 2\nmemory_gb = 1\nprologue = ["trap : TERM; trap times EXIT"]\n'
TIMES = re.compile(r"(\d+)m([\d.]+)s (\d+)m([\d.]+)s")


def cpu_seconds(root: Path, subs: Path, run: Path, *more: str, env: Mapping[str, str]) -> float:
    """Of a batch and all that it starts: here, and in jobs that say it at their end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = command(root, subs, "--out", run, "--seed", 1, "--no-health", *more)
    subprocess.run(words, cwd=CODE, env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_jobs(run: Path) -> float:
    """CPU seconds that jobs say they took."""
    said = "".join(file.read_text() for file in run.glob("jobs/*.out"))
    return sum(
        60 * float(a) + float(b) + 60 * float(c) + float(d) for a, b, c, d in TIMES.findall(said)
    )


def main(step: int) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        toml = place / "cluster.toml"
        toml.write_text(TOML)
        root, env = make_root(place / "root"), dict(os.environ)
        engines = {"pool": ("--workers", "2"), "local": ("--workers", "2", "--cluster", "local")}
        if why := slurm.missing():
            print(f"slurm: {why}")
        else:
            running = stack.enter_context(slurm.running())
            engines["slurm"], env = ("--cluster", str(toml)), running.environment
        for count in (FEW, FEW + step):
            for number in range(count):
                submission(place / f"class{count}" / f"s{number}", pages=number)
        print(f"{'engine':<8}{'a submission':>16}{'the start':>12}   CPU-seconds")
        for engine, more in engines.items():
            took = {}
            for count in (FEW, FEW + step):
                run = place / f"{engine}{count}"
                took[count] = cpu_seconds(root, place / f"class{count}", run, *more, env=env)
                if engine == "slurm":
                    running.wait_for(lambda: not running.jobs(), "the end of its jobs")
                    took[count] += in_jobs(run)
            each = (took[FEW + step] - took[FEW]) / step
            print(f"{engine:<8}{each:>16.3f}{took[FEW] - FEW * each:>12.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
