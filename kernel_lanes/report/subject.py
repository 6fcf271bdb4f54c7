"""Loads the file that is looked at, and runs its functions on problems. In a child process."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from kernel_lanes.problem import Problem, expected
from kernel_lanes.record import MOST_TEXT
from kernel_lanes.watching import Watch

ALLOWED = {"float32": 1e-4, "float16": 5e-3, "bfloat16": 4e-2}
"""Largest difference that rounding explains, of results of size 1 to 3."""
OURS = Path(__file__).resolve().parents[1]


def load(file: Path) -> ModuleType:
    """Import a file; one that is part of a package as that.

    Raises:
        Exception: whatever importing it raises.
    """
    folder, name = file.resolve().parent, file.stem
    if (folder / "__init__.py").exists():
        folder, name = folder.parent, f"{folder.name}.{name}"
    sys.path.insert(0, str(folder))
    return importlib.import_module(name)


def attend(module: ModuleType, problem: Problem, watch: Watch) -> tuple[float | None, str]:
    """Run `paged_attention`, watched, and hold the result against the right one.

    Returns:
        The largest difference, or None, and what went wrong instead.
    """
    try:
        with watch:
            problem.declare(watch)
            result = problem.run(module.paged_attention)
    except Exception as error:  # noqa: BLE001 - it is reported
        return None, told(error)
    wrong = unlike(result, problem)
    if wrong:
        return None, wrong
    watch.declare("output", result)
    return float((result.double() - expected(problem)).abs().max()), ""


def unlike(result: Any, problem: Problem) -> str:
    """How a result differs from the query in what it is; "" if it does not."""
    if type(result) is not torch.Tensor:
        return f"gives {type(result).__name__}, not a tensor"
    if result.shape != problem.query.shape or result.dtype != problem.query.dtype:
        wanted = f"{tuple(problem.query.shape)} {problem.query.dtype}"
        return f"gives {tuple(result.shape)} {result.dtype}, not {wanted}"
    return ""


def told(error: BaseException) -> str:
    """An error in one line, with the place in the file's own code if it has none of its own."""
    message = " ".join(f"{type(error).__name__}: {error}".split())
    if type(error).__module__.startswith("kernel_lanes"):
        return str(error)[:MOST_TEXT]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if OURS not in path.parents and "site-packages" not in path.parts:
            return f"{path.name}:{frame.lineno}: {message}"[:MOST_TEXT]
    return message[:MOST_TEXT]
