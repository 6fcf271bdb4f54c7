"""Starts the canary programs side by side."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence

from autograder.doctor.child import Outcome, run_together

SECONDS = 60.0


def run_canaries(
    seconds: float = SECONDS, python: Sequence[str] = (sys.executable,)
) -> dict[str, Outcome]:
    """Runs the canaries with a Triton cache of their own, which is removed afterwards.

    Args:
        seconds: the most they may take, all together.
        python: the command of the interpreter that they run in.

    Returns:
        Outcomes by the names interpreter, compiler and gpu.
    """
    with tempfile.TemporaryDirectory(prefix="pagedlab-doctor-") as cache:
        env = {**os.environ, "TRITON_CACHE_DIR": cache, "OMP_NUM_THREADS": "1"}
        env.pop("TRITON_INTERPRET", None)
        environments = {
            "interpreter": {**env, "TRITON_INTERPRET": "1"},
            "compiler": env,
            "gpu": env,
        }
        commands = {
            name: ([*python, "-m", f"autograder.doctor.canary.{name}"], its_env)
            for name, its_env in environments.items()
        }
        return run_together(commands, seconds)
