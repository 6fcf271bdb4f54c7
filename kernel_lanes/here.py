"""Which lanes this machine has. Imports neither torch nor Triton: it is asked before any worker."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from kernel_lanes.compilers import COMPILERS, WORKERS_PATH, compiler_on

NO_TRITON = "Triton is not installed"
NO_COMPILER = f"no C compiler ({', '.join(COMPILERS)}) in {WORKERS_PATH.replace(':', ' or ')}"
PROGRAM = "#include <math.h>\n#include <stdint.h>\ndouble root(double x) { return sqrt(x); }\n"


def missing() -> Mapping[str, str]:
    """Why a lane is not here, by its name; those that are here have no entry."""
    triton = _triton()
    if triton is None:
        return dict.fromkeys(("sanitize", "traffic", "compile", "fast", "gpu"), NO_TRITON)
    found = {"compile": _assembler(triton), "fast": _c_compiler(), "gpu": _gpu()}
    return {name: why for name, why in found.items() if why}


def _triton() -> Path | None:
    spec = find_spec("triton")
    return Path(spec.origin).parent if spec and spec.origin else None


def _assembler(triton: Path) -> str:
    tool = triton / "backends" / "nvidia" / "bin" / "ptxas"
    return "" if tool.is_file() else "Triton has come without its assembler (ptxas)"


def _c_compiler() -> str:
    """It must not only be there: a compiler without its headers builds nothing."""
    tool = compiler_on(WORKERS_PATH)
    if not tool:
        return NO_COMPILER
    with tempfile.TemporaryDirectory() as folder:
        command = [tool, "-shared", "-fPIC", "-x", "c", "-", "-lm", "-o", f"{folder}/probe.so"]
        try:
            done = subprocess.run(
                command, input=PROGRAM, capture_output=True, text=True, timeout=30.0
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{tool} does not run ({error})"
    said = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[0]
    return f"{tool} builds nothing: {said[:200]}" if done.returncode else ""


def _gpu() -> str:
    """Asks the driver itself; torch must be built for it, too."""
    torch = find_spec("torch")
    version = Path(torch.origin).with_name("version.py") if torch and torch.origin else None
    built = version.read_text(encoding="utf-8") if version and version.is_file() else ""
    if "cuda: Optional[str] = None" in built or not built:
        return "torch is built for the CPU alone"
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "there is no NVIDIA driver (libcuda.so.1)"
    count = ctypes.c_int()
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return "the NVIDIA driver knows no device"
    return ""
