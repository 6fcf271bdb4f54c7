"""Runs cases in a process of their own: a process either interprets kernels or compiles them.

`results("interpreted", "cases_x.py")` runs every function of that file whose name begins with
`case_`, in one child, and gives what each returned (plain data), or {"raised": …}.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECONDS = 280.0


def results(kind: str, file: str) -> dict[str, Any]:
    """What the cases of a file gave in a process of one kind."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **os.environ, "OMP_NUM_THREADS": "1", "TRITON_CACHE_DIR": folder,
            "XDG_CACHE_HOME": folder, "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}",
        }  # fmt: skip
        env.pop("TRITON_INTERPRET", None)
        command = [sys.executable, str(HERE / "child.py"), kind, file]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        raise AssertionError(f"the cases ended with status {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _run(kind: str, file: str) -> None:
    import importlib

    from kernel_lanes import modes

    getattr(modes, kind)()
    module = importlib.import_module(file.removesuffix(".py"))
    found = {}
    for name, case in vars(module).items():
        if name.startswith("case_"):
            try:
                found[name.removeprefix("case_")] = case()
            except Exception as error:  # noqa: BLE001 - told to the test, which expects it or not
                found[name.removeprefix("case_")] = {"raised": f"{type(error).__name__}: {error}"}
    print(json.dumps(found))


if __name__ == "__main__":
    _run(*sys.argv[1:])
