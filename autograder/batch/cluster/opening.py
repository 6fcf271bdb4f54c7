"""From what a batch has at hand to a pool on a cluster."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from autograder.batch.cluster.options import ClusterError, Options
from autograder.batch.cluster.terms import Terms
from autograder.batch.run.plan import Setting
from autograder.batch.run.pool import Workplace
from autograder.judge.warm_parent import ROOT as CODE

if TYPE_CHECKING:
    from autograder.batch.cluster.pool import ClusterPool

PLAIN = re.compile(r"[\w@.,:+=/-]+")
NEEDED = ("dask", "distributed", "dask_jobqueue", "cryptography")


def require_installed() -> None:
    """Say what is missing on this machine.

    Raises:
        ClusterError: something is.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ClusterError(
            f"a cluster needs {', '.join(missing).replace('_', '-')}, which is not installed:"
            " .venv/bin/pip install -r requirements.txt"
        )


def open_pool(options: Options, setting: Setting, work: Workplace, stream: TextIO) -> ClusterPool:
    """A pool for one batch, not yet started.

    Raises:
        ClusterError: nodes would not see what they need, or their jobs would not name it right.
    """
    from autograder.batch.cluster.pool import ClusterPool

    run = setting.folder.path.resolve()
    if options.engine != "local" and not PLAIN.fullmatch(str(run)):
        raise ClusterError(f"{run}: dask-jobqueue does not quote such a name in its scripts")
    if options.shared:
        shared = Path(options.shared).resolve()
        for needed in (run, work.root.resolve(), CODE):
            if not needed.is_relative_to(shared):
                raise ClusterError(f"{needed}: is not in {shared}, which the nodes share")
    terms = Terms(
        code=CODE,
        root=work.root.resolve(),
        cache=work.cache.resolve(),
        session=run / "cluster" / setting.session,
        jobs=run / "jobs",
        suite=setting.suite,
        tier=work.isolation.tier.value,
        isolation=setting.isolation,
    )
    return ClusterPool(terms, options, work.scratch, stream)
