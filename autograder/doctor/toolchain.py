"""Checks of the software: Python, the pinned packages, torch, and the Triton canaries.

Each check is given what was observed and judges it; running children is not done here.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.doctor.child import Outcome
from autograder.doctor.finding import Finding
from autograder.doctor.installed import Pin, packages_in, read_pins, satisfies

SET_UP = "run `make setup`"
UNTRIED = (3, 14)
RIGHT_KERNEL = "A kernel known to be right fails here: it is your toolchain, not your kernel"


def python(version: tuple[int, int, int], in_environment: bool) -> Finding:
    """Judges the version of the running Python and whether it is a virtual environment's."""
    says = ".".join(map(str, version))
    if not (3, 11) <= version < (3, 15) or version == (3, 14, 1):
        wanted = "PagedLab needs 3.11 to 3.14, and not 3.14.1"
        return Finding("Python", "fail", f"{says}; {wanted}", "install one, then `make setup`")
    if version >= UNTRIED:
        says += "; PagedLab has been run on 3.11 to 3.13 only"
        return Finding("Python", "warn", says, "`make setup PYTHON=python3.13` if you have that")
    if not in_environment:
        return Finding("Python", "warn", f"{says}, outside a virtual environment", SET_UP)
    return Finding("Python", "ok", says)


def packages(requirements: Path, site: Path, apart: frozenset[str]) -> Finding:
    """Compares what is installed in `site` with the pins; packages named in `apart` are left out.

    A missing package is a fail, another version than the pinned one a warning: it may grade
    differently from the instructor's machine.
    """
    if not requirements.is_file():
        says = f"no {requirements.name} beside the grader: versions are not compared"
        return Finding("packages", "warn", says, "grade from a whole copy of the repository")
    pins = [pin for pin in read_pins(requirements.read_text("utf-8")) if pin.key not in apart]
    present = {name: package.version for name, package in packages_in(site).items()}
    missing = [pin.name for pin in pins if pin.key not in present]
    other = [_difference(pin, present) for pin in pins if _differs(pin, present)]
    if missing:
        return Finding("packages", "fail", f"missing: {', '.join(missing)}", SET_UP)
    if other:
        return Finding("packages", "warn", f"other versions: {', '.join(other)}", SET_UP)
    return Finding("packages", "ok", f"all {len(pins)} as pinned")


def _differs(pin: Pin, present: dict[str, str]) -> bool:
    return pin.key in present and not satisfies(present[pin.key], pin.version)


def _difference(pin: Pin, present: dict[str, str]) -> str:
    return f"{pin.name} {present[pin.key]} instead of {pin.version}"


def torch(interpreter: Outcome) -> Finding:
    """Judges from the interpreter canary, which imports torch first, whether torch works."""
    loaded = interpreter.step("torch")
    if loaded is None:
        return Finding("torch", "fail", f"does not import: {interpreter.reason()}", SET_UP)
    build = f"for CUDA {loaded['cuda']}" if loaded.get("cuda") else "CPU build"
    return Finding("torch", "ok", f"{loaded['version']}, {build}")


def triton_interpreter(outcome: Outcome, platform: str = sys.platform) -> Finding:
    """Judges the canary in Triton's interpreter; a broken torch is not Triton's fault."""
    name = "Triton interpreter"
    if outcome.step("kernel") is not None and outcome.code == 0:
        return Finding(name, "ok", "a kernel known to be right runs; if yours fails, it is yours")
    if outcome.step("torch") is None:
        return Finding(name, "fail", "not tried, because torch does not import", SET_UP)
    return _canary_failed(name, outcome, platform)


def triton_compiler(outcome: Outcome, platform: str = sys.platform) -> Finding:
    """Judges the canary through the ahead-of-time compiler."""
    name = "Triton compiler"
    if outcome.step("sm_90") is not None and outcome.code == 0:
        return Finding(name, "ok", "compiles for sm_80 and sm_90 (A100, H100); no GPU needed")
    return _canary_failed(name, outcome, platform)


def _canary_failed(name: str, outcome: Outcome, platform: str) -> Finding:
    if platform != "linux":
        do = "grade stage 4 on Linux (a course machine, WSL 2 or a container)"
        return Finding(name, "fail", f"Triton exists for Linux only, and this is {platform}", do)
    if outcome.step("triton") is None:
        return Finding(name, "fail", f"triton does not import: {outcome.reason()}", SET_UP)
    if outcome.code is None:
        do = "run `make doctor` again when the machine is less busy"
        return Finding(name, "fail", f"{RIGHT_KERNEL}: {outcome.reason()}", do)
    do = "remove .venv and run `make setup`; if it stays, send this to your instructor"
    return Finding(name, "fail", f"{RIGHT_KERNEL}: {outcome.reason()}", do)
