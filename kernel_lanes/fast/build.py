"""Makes shared objects of C files, once for each text, compiler and processor."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from kernel_lanes.compilers import compiler_on

FLAGS = ("-O2", "-ftree-vectorize", "-march=native", "-fwrapv", "-fno-math-errno",
         "-fno-trapping-math", "-ffp-contract=off", "-fno-strict-aliasing", "-w")  # fmt: skip
PORTABLE = ("-O2", "-w")
SECONDS = 120.0


class NoCompiler(RuntimeError):
    """There is no C compiler, or it fails on what it is given."""


@cache
def compiler() -> str:
    """The C compiler's command, "" if there is none."""
    return compiler_on(first=os.environ.get("CC", ""))


def shared_object(source: str, folder: Path | None = None) -> Path:
    """The shared object of a C file, built unless it has been before.

    Args:
        source: the file's text.
        folder: where objects are kept; by default `cache_folder()`.

    Raises:
        NoCompiler: there is none, or it fails.
    """
    tool = compiler()
    if not tool:
        raise NoCompiler("there is no C compiler (gcc, cc, clang or tcc)")
    key = hashlib.sha256("\0".join((source, tool, _processor())).encode()).hexdigest()[:32]
    target = (folder or cache_folder()) / f"{key}.so"
    if not target.exists():
        _build(tool, source, target)
    return target


@cache
def cache_folder() -> Path:
    """The user's folder for objects; a fresh one where that cannot be written."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(home, "kernel_lanes")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="kernel_lanes-"))


def _build(tool: str, source: str, target: Path) -> None:
    """Build beside the target and move it there, so that no half of it is ever seen."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        file, made = Path(folder, "kernel.c"), Path(folder, "kernel.so")
        file.write_text(source, encoding="utf-8")
        said = ""
        for flags in (FLAGS, PORTABLE):
            command = [tool, *flags, "-shared", "-fPIC", "-o", str(made), str(file), "-lm"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise NoCompiler(f"{tool} did not run: {error}") from None
            if not done.returncode:
                os.replace(made, target)
                return
            said = said or done.stderr.strip()
    raise NoCompiler(f"{tool} refuses a kernel in C: {said[:300]}")


@cache
def _processor() -> str:
    """What `-march=native` depends on: an object of another machine must not be loaded."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    names = ("model name", "flags", "Features", "CPU part")
    return "\n".join(sorted({line for line in text.splitlines() if line.startswith(names)}))
