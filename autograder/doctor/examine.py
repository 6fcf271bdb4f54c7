"""Observes this machine and has each check judge its part."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path

from autograder.doctor import machine, toolchain
from autograder.doctor.canaries import run_canaries
from autograder.doctor.child import ROOT, Outcome
from autograder.doctor.finding import Finding, guarded
from autograder.doctor.report import Report
from autograder.doctor.stages import StageVerdict, verdicts
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError

# torch and triton have checks of their own: most stages can be graded without them.
_APART = frozenset({"torch", "triton"})


def examine(root: Path = ROOT, canaries: Callable[[], dict[str, Outcome]] = run_canaries) -> Report:
    """Looks at everything. A check that breaks down becomes a finding; nothing is raised for it.

    Args:
        root: the repository, with requirements.txt and assignments/.
        canaries: runs the child programs; see `run_canaries`.
    """
    try:
        children = canaries()
    except OSError as error:
        children = _not_started(error)
    checks = {**_software(root, children), **_hardware(root, children)}
    findings = [guarded(name, check) for name, check in checks.items()]
    stages: list[StageVerdict] = []

    def stages_found() -> Finding:
        try:
            stages.extend(verdicts(load_course(root / "assignments").stages, findings))
        except RubricError as error:
            do = "this copy of the course is not whole: get it again, or tell your instructor"
            return Finding("assignments", "fail", str(error), do)
        return Finding("assignments", "ok", f"{len(stages)} of the course's stages are here")

    findings.append(guarded("assignments", stages_found))
    return Report(tuple(findings), tuple(stages))


def _not_started(error: OSError) -> dict[str, Outcome]:
    outcome = Outcome(1, "", f"no child process could be started ({error})")
    return dict.fromkeys(("interpreter", "compiler", "gpu"), outcome)


def _software(root: Path, children: dict[str, Outcome]) -> dict[str, Callable[[], Finding]]:
    in_environment = sys.prefix != sys.base_prefix
    site = Path(sysconfig.get_path("purelib"))
    return {
        "Python": partial(toolchain.python, sys.version_info[:3], in_environment),
        "packages": partial(toolchain.packages, root / "requirements.txt", site, _APART),
        "torch": partial(toolchain.torch, children["interpreter"]),
        "Triton interpreter": partial(toolchain.triton_interpreter, children["interpreter"]),
        "Triton compiler": partial(toolchain.triton_compiler, children["compiler"]),
    }


def _hardware(root: Path, children: dict[str, Outcome]) -> dict[str, Callable[[], Finding]]:
    loaded = children["interpreter"].step("torch") or {}
    has_gpu = children["gpu"].step("driver") is not None
    columns = shutil.get_terminal_size().columns
    return {
        "system": lambda: machine.system(platform.system(), platform.machine(), _cores()),
        "GPU": lambda: machine.gpu(children["gpu"], _smi(), bool(loaded.get("cuda"))),
        "C compiler": lambda: machine.c_compiler(_compiler(), has_gpu),
        "isolation": _isolation,
        "terminal": lambda: machine.terminal(
            sys.stdout.encoding or "ascii", sys.stdout.isatty(), columns
        ),
        "disk": lambda: machine.disk(shutil.disk_usage(root).free, str(root)),
        "memory": lambda: machine.memory(machine.available_memory()),
    }


def _isolation() -> Finding:
    try:
        probe = importlib.import_module("autograder.sandbox.isolation").probe
    except ImportError as error:
        do = "this copy of the grader is not whole: get it again"
        return Finding("isolation", "warn", f"not known ({error})", do)
    probed = probe()
    return machine.isolation(str(probed.tier), str(probed.describe()))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _compiler() -> str | None:
    named = (os.environ.get("CC"), "gcc", "clang", "cc")
    return next((path for name in named if name and (path := shutil.which(name))), None)


def _smi() -> str | None:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    try:
        listed = subprocess.run(
            [tool, "-L"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return listed.stdout.splitlines()[0] if listed.returncode == 0 and listed.stdout else None
