"""Has child processes look at a file, and puts together what they wrote."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kernel_lanes.record import BadRecord
from kernel_lanes.report.data import Report, check_from_plain, served_from_plain

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("compiled", "interpreted")
NOT_DRIVEN = "not run: this report needs no GPU and uses none"


class CannotReport(Exception):
    """The file cannot be looked at at all; one line that says why."""


def gather(file: Path, targets: Sequence[str], seconds: float = 600.0) -> Report:
    """Look at a file: its code runs in two child processes, side by side, and not in this one.

    Args:
        file: with a function `paged_attention`.
        targets: GPUs to compile for, such as sm_80.
        seconds: after which children are killed.

    Raises:
        CannotReport: there is no such file, or it cannot be imported.
    """
    if not file.is_file():
        raise CannotReport(f"there is no file {file}")
    with tempfile.TemporaryDirectory(prefix="kernel_lanes-") as folder:
        outs = {kind: Path(folder, f"{kind}.json") for kind in KINDS}
        children = {kind: _start(kind, file, targets, out) for kind, out in outs.items()}
        until = time.monotonic() + seconds
        ends = {kind: _end(child, until) for kind, child in children.items()}
        found = {kind: _read(outs[kind]) for kind in KINDS}
    for kind in KINDS:
        if found[kind].get("import"):
            raise CannotReport(found[kind]["import"])
    return _report(file, ends, found)


def _report(file: Path, ends: dict[str, str], found: dict[str, dict[str, Any]]) -> Report:
    compiled, interpreted = found["compiled"], found["interpreted"]
    checks = (*compiled.get("checks", ()), *interpreted.get("checks", ()))
    lanes = {
        "capture and compile": ends["compiled"],
        "C": ends["compiled"] or str(compiled.get("fast", "")),
        "sanitizer": ends["interpreted"] or str(interpreted.get("blind", "")),
        "GPU": NOT_DRIVEN,
    }
    try:
        return Report(
            str(file),
            _environment(),
            lanes,
            tuple(map(check_from_plain, checks)),
            tuple(map(check_from_plain, compiled.get("counted", ()))),
            tuple(map(served_from_plain, compiled.get("served", ()))),
        )
    except BadRecord as error:
        raise CannotReport(f"the code under test broke its own report: {error}") from None


def _start(kind: str, file: Path, targets: Sequence[str], out: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    env.pop("TRITON_INTERPRET", None)
    arguments = (kind, str(file.resolve()), ",".join(targets), str(out))
    return subprocess.Popen(
        [sys.executable, "-m", "kernel_lanes.report.examine", *arguments],
        env=env,
        cwd=out.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _end(child: subprocess.Popen[bytes], until: float) -> str:
    """Wait for a child; give why it did not come to its end, or ""."""
    try:
        _, errors = child.communicate(timeout=max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return "not run to its end: it took too long"
    if child.returncode < 0:
        return f"not run to its end: {signal.strsignal(-child.returncode)}"
    if child.returncode:
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        return f"not run to its end: {lines[-1][:300] if lines else child.returncode}"
    return ""


def _read(out: Path) -> dict[str, Any]:
    try:
        found = json.loads(out.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _environment() -> dict[str, str]:
    versions = {"Python": platform.python_version(), "machine": platform.machine()}
    for package in ("triton", "torch"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "missing"
    return versions
