"""Starts Dask's scheduler here, and workers where the engine puts them: over TLS alone."""

from __future__ import annotations

import importlib
import logging
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dask
from distributed import LocalCluster, Security, Status

from autograder.batch.cluster.keys import PROTOCOL
from autograder.batch.cluster.options import ENGINES, ClusterError, Options

RETRIES = 2
"""How often a grading is given to another worker after one was lost with it."""
CONFIG: dict[str, object] = {
    "distributed.scheduler.allowed-failures": RETRIES,
    "distributed.scheduler.http.routes": [],  # nothing is served in the clear
    "distributed.worker.http.routes": [],
    "distributed.comm.require-encryption": True,
    "distributed.deploy.lost-worker-timeout": "5s",
    "distributed.scheduler.worker-ttl": "2 minutes",
}
NOWHERE = "127.0.0.1:0"
"""Where Dask serves its pages, of which there are none."""


def start(options: Options, security: Security, jobs: Path, code: Path, scratch: Path) -> Any:
    """Start the scheduler, and ask the engine for workers. Close what is returned.

    Args:
        options: what is asked for.
        security: from `make_keys`.
        jobs: folder on every node that gets what the jobs print.
        code: the grader's own repository, on every node.
        scratch: of this machine, for the engine `local`.

    Raises:
        ClusterError: the engine is not there, or does not take the jobs.
    """
    dask.config.set(CONFIG)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # of many refusals it retrieves one
    cluster: Any = None
    try:
        if options.engine == "local":
            cluster = LocalCluster(
                n_workers=0,
                threads_per_worker=1,
                host="127.0.0.1",
                protocol=PROTOCOL,
                security=security,
                dashboard_address=NOWHERE,
                worker_dashboard_address=NOWHERE,
                local_directory=str(scratch),
                memory_limit=0,
                silence_logs=logging.CRITICAL,
            )
        else:
            cluster = class_of(options.engine)(
                security=security, **job_options(options, jobs, code)
            )
        if not cluster.scheduler_address.startswith(PROTOCOL):
            raise ClusterError(f"Dask listens at {cluster.scheduler_address}, without encryption")
        ask_for(cluster, options)
    except (OSError, RuntimeError, ValueError) as error:
        if cluster is not None:
            cluster.close()
        raise ClusterError(f"{options.engine}: {first_words(error)}") from error
    return cluster


def ask_for(cluster: Any, options: Options, workers: int | None = None) -> int:
    """Have the engine start what is missing of so many workers, and wait until it has taken it.

    Returns:
        How many jobs were over before their worker was here, since this was last asked.

    Raises:
        OSError, RuntimeError, ValueError: it does not take it.
    """
    listing = ENGINES[options.engine].listing
    wanted = options.workers if workers is None else workers
    over: int = cluster.sync(_asked, cluster, wanted, listing)
    return over


def job_options(options: Options, jobs: Path, code: Path) -> dict[str, Any]:
    """What dask-jobqueue is told."""
    engine = ENGINES[options.engine]
    job: dict[str, Any] = {
        "cores": 1,  # threads of Dask; what the job gets is `job_cpu`
        "processes": 1,
        "memory": f"{options.memory_gb:g}GB",
        "protocol": PROTOCOL,
        "python": shlex.quote(options.python or sys.executable),
        "local_directory": '"${TMPDIR:-/tmp}"',
        "log_directory": str(jobs),
        "job_name": "pagedlab",
        "job_extra_directives": [*_resources(options), *options.directives],
        "job_script_prologue": [*options.prologue, *_prologue(code)],
        "worker_extra_args": ["--dashboard-address", NOWHERE],
        "scheduler_options": {"dashboard_address": NOWHERE},
        "silence_logs": logging.CRITICAL,
        "interface": options.interface or None,
        **dict(engine.extra),
    }
    if options.engine == "slurm":
        job["job_cpu"] = options.cores
    if options.engine == "htcondor":
        pairs = (one.partition("=") for one in options.directives)
        job["job_extra_directives"] = {name.strip(): value.strip() for name, _, value in pairs}
    if engine.queued:
        job |= {"queue": options.queue or None, "walltime": options.walltime or None}
    if engine.account:
        job[engine.account] = options.account or None
    return job


def _resources(options: Options) -> list[str]:
    gpus = [f"--gres=gpu:{options.gpus}"] if options.gpus else []
    return gpus + ([f"--constraint={options.constraint}"] if options.constraint else [])


def _prologue(code: Path) -> list[str]:
    return [
        f"cd {shlex.quote(str(code))}",
        "export OMP_NUM_THREADS=1 PYTHONPATH=.",
        "export DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=True",
        "export DASK_DISTRIBUTED__WORKER__HTTP__ROUTES='[]'",
        "umask 077",
    ]


def class_of(engine: str) -> Any:
    """dask-jobqueue's class; its import takes Ctrl-C and SIGTERM away, so they are put back."""
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    module = importlib.import_module("dask_jobqueue")
    for number, handler in signals.items():
        signal.signal(number, handler)
    return getattr(module, ENGINES[engine].cluster)


async def _asked(cluster: Any, workers: int, listing: Sequence[str]) -> int:
    """As `cluster.scale` does, but an engine's refusal gets to whoever asks."""
    over = await _forget_what_is_over(cluster, listing) if listing and cluster.workers else 0
    while len(cluster.worker_spec) < workers:
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        await cluster
    finally:
        for name, job in tuple(cluster.workers.items()):
            if getattr(job, "job_id", "") is None:
                job.status = Status.closed  # it never began, and is to be asked for again
                del cluster.workers[name]
    return over


async def _forget_what_is_over(cluster: Any, listing: Sequence[str]) -> int:
    """A job that ends before its worker has come is for ever expected by Dask."""
    jobs = set((await cluster.job_cls._call(listing)).split())
    here = {one.name for one in cluster.scheduler.workers.values()}
    over = 0
    for name, job in tuple(cluster.workers.items()):
        if job.job_id not in jobs and name not in here:
            job.status = Status.closed
            del cluster.workers[name]
            over += 1
    return over


def first_words(error: Exception) -> str:
    """What an engine's command has to say for itself, in one line."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    told = lines[lines.index("stderr:") + 1 :] if "stderr:" in lines else lines
    return " ".join(told)[:400]
