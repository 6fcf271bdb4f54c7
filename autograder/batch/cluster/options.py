"""What a cluster is asked for: a name, or a small TOML file. Needs no Dask."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

WALLTIME = re.compile(r"\d+(:\d\d){1,2}|\d+-\d\d(:\d\d){0,2}")
WORD = re.compile(r"[\w@.,:/&|*+-]+")
"""What may stand in a job's script without being read as anything else."""


class ClusterError(Exception):
    """The cluster, or what it is reached with, is not fit. Says what to do."""


@dataclass(frozen=True)
class Engine:
    """How dask-jobqueue calls an engine, and its words for what all of them have.

    Attributes:
        cluster: the class; "" for Dask's own processes on this machine.
        account: its word for who pays; "" if it has none.
        queued: it has queues and a limit on a job's time.
        extra: what it does not do without.
        listing: prints the numbers of one's jobs that are not over; () if we do not know how.
    """

    cluster: str
    account: str = "account"
    queued: bool = True
    extra: tuple[tuple[str, str], ...] = ()
    listing: tuple[str, ...] = ()


ENGINES = {
    "local": Engine("", account="", queued=False),
    "slurm": Engine("SLURMCluster", listing=("squeue", "--me", "--noheader", "--format=%A")),
    "pbs": Engine("PBSCluster"),
    "sge": Engine("SGECluster", account="project"),
    "lsf": Engine("LSFCluster", account="project"),
    "htcondor": Engine("HTCondorCluster", account="", queued=False, extra=(("disk", "1GB"),)),
}
"""Tested is `local`, and `slurm`. The others are what dask-jobqueue makes of the same options."""


@dataclass(frozen=True)
class Options:
    """What to ask an engine for. Each worker is a job of its own, and grades one at a time.

    Attributes:
        engine: one of `ENGINES`.
        workers: jobs at the same time.
        queue, account, walltime, constraint: passed on, if given.
        cores, memory_gb: for each worker.
        gpus: for each worker.
        directives: passed on as they are, such as `--exclude=n13`.
        prologue: lines of shell before a worker starts, such as `module load cuda`.
        interface: network interface that nodes and this machine reach each other by.
        shared: the folder that every node has under the same name, to be told early.
        python: interpreter on the nodes; this one's path if it is not told.
    """

    engine: str = "slurm"
    workers: int = 4
    queue: str = ""
    account: str = ""
    walltime: str = ""
    constraint: str = ""
    cores: int = 1
    memory_gb: float = 4.0
    gpus: int = 0
    directives: tuple[str, ...] = ()
    prologue: tuple[str, ...] = ()
    interface: str = ""
    shared: str = ""
    python: str = ""

    def __post_init__(self) -> None:
        """Refuse what no engine could make anything of.

        Raises:
            ValueError: says which option, and what it may be.
        """
        if self.engine not in ENGINES:
            raise ValueError(f"there is no engine {self.engine!r}; there are {' '.join(ENGINES)}")
        if self.workers < 1 or self.cores < 1 or self.gpus < 0 or not 0 < self.memory_gb < 1e5:
            raise ValueError("workers, cores and memory_gb are at least 1, gpus at least 0")
        if self.walltime and not WALLTIME.fullmatch(self.walltime):
            raise ValueError(f"walltime {self.walltime!r} is no time, such as 02:00:00")
        for name in ("queue", "account", "constraint", "interface"):
            if (value := getattr(self, name)) and not WORD.fullmatch(value):
                raise ValueError(f"{name} {value!r} is no single word")
        if any("\n" in line for line in (*self.directives, *self.prologue)):
            raise ValueError("each of directives and prologue is one line")
        self._refuse_what_the_engine_lacks()

    def _refuse_what_the_engine_lacks(self) -> None:
        engine = ENGINES[self.engine]
        wanted = {
            "queue": self.queue and not engine.queued,
            "walltime": self.walltime and not engine.queued,
            "account": self.account and not engine.account,
            "directives": self.directives and self.engine == "local",
            "prologue": self.prologue and self.engine == "local",
            "cores": self.cores != 1 and self.engine != "slurm",
            "gpus": self.gpus and self.engine != "slurm",
            "constraint": self.constraint and self.engine != "slurm",
        }
        if self.engine == "htcondor" and not all("=" in one for one in self.directives):
            raise ValueError("directives of htcondor are of the form name=value")
        for name in (name for name, refused in wanted.items() if refused):
            more = "; say it in its own words: directives" if self.engine != "local" else ""
            raise ValueError(f"engine {self.engine} has no {name}{more}")


def read_options(text: str) -> Options:
    """Options from an engine's name, or from a TOML file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not what `Options` takes; says what is wrong.
    """
    if text == "local":
        return Options(engine=text, workers=os.cpu_count() or 1)
    if text in ENGINES:
        return Options(engine=text)
    file = Path(text)
    if not file.is_file():
        raise ValueError(f"{text!r} is no file and no engine; engines: {' '.join(ENGINES)}")
    try:
        return Options(**_typed(tomllib.loads(file.read_text(encoding="utf-8"))))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _typed(data: dict[str, Any]) -> dict[str, Any]:
    kinds: dict[str, type] = {one.name: type(one.default) for one in fields(Options)}
    for name, value in data.items():
        if name not in kinds:
            raise ValueError(f"there is no option {name!r}; there are {' '.join(kinds)}")
        if kinds[name] is tuple and isinstance(value, list):
            if all(isinstance(one, str) for one in value):
                value = data[name] = tuple(value)
        if kinds[name] is float and type(value) is int:
            value = data[name] = float(value)
        if type(value) is not kinds[name]:
            words = {
                str: "text",
                int: "a whole number",
                float: "a number",
                tuple: "a list of texts",
            }
            raise ValueError(f"{name} is {words[kinds[name]]}, and not {value!r}")
    return data
