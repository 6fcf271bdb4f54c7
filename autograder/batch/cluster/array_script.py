"""A Slurm array script: a class in parts that know nothing of each other. Needs no Dask."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.cluster.options import Options
from autograder.batch.run.folder import RunFolder, Settings, replace_text

PART = "$SLURM_ARRAY_TASK_ID"
TEMPLATE = """\
#!/bin/bash
# Grades a class in {count} parts. Submit it with sbatch, as often as parts are missing: a part that
# was graded says so at once. Then bring them together, which may be repeated as well:
#   {merge}
{directives}
set -eu
{prologue}
cd {code}
export OMP_NUM_THREADS=1
# 6: rows need attention, as those of all other parts do
{command} || [ $? = 6 ]
"""


@dataclass(frozen=True)
class Parts:
    """What is graded in parts, with which command lines.

    Attributes:
        code: where the commands are to be run.
        batch, merge: begin the command lines of these verbs.
        submissions: what every part takes in.
        more: of the command line of `batch`.
    """

    code: Path
    batch: Sequence[str]
    merge: Sequence[str]
    submissions: Path
    more: Sequence[str] = ()


def array_script(parts: Parts, folder: RunFolder, settings: Settings, options: Options) -> str:
    """The script. Each part has a run's folder of its own, in the one that gets its gradings."""
    run = folder.path.resolve()
    count = options.workers
    words = [*parts.batch, str(parts.submissions.resolve()), "--seed", str(settings.seed)]
    words += [word for number in settings.stages for word in ("--stage", str(number))]
    words += ["--source", settings.kind] if settings.kind else []
    words += ["--course", settings.course] if settings.course else []
    words += ["--workers", str(options.cores), *parts.more]
    own = f'--out {shlex.quote(str(run / "parts"))}/"{PART}" --shard "{PART}/{count}"'
    return TEMPLATE.format(
        count=count,
        merge=f"{shlex.join([*parts.merge, str(run)])} {shlex.quote(str(run / 'parts'))}/*",
        directives="\n".join(f"#SBATCH {one}" for one in _directives(options, run, count)),
        prologue="\n".join(options.prologue),
        code=shlex.quote(str(parts.code)),
        command=f"{shlex.join(words)} {own}",
    )


def write_array_script(
    file: Path, parts: Parts, folder: RunFolder, settings: Settings, options: Options
) -> None:
    """Write it, and make the folders that Slurm wants to find."""
    for name in ("parts", "jobs"):
        (folder.path / name).mkdir(exist_ok=True)
    replace_text(file, array_script(parts, folder, settings, options))


def _directives(options: Options, run: Path, count: int) -> list[str]:
    given = {
        "partition": options.queue,
        "account": options.account,
        "time": options.walltime,
        "constraint": options.constraint,
        "gres": f"gpu:{options.gpus}" if options.gpus else "",
    }
    return [
        "--job-name=pagedlab",
        f"--array=1-{count}",
        f'--output="{run}/jobs/part-%a.out"',
        f"--cpus-per-task={options.cores}",
        f"--mem={round(1024 * options.memory_gb * options.cores)}M",
        *(f"--{name}={value}" for name, value in given.items() if value),
        *options.directives,
    ]
