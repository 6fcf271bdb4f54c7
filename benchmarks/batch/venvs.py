"""Throw-away virtual environments of exact pins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).parent / "pins"


def make_venv(place: Path, name: str) -> Path:
    """Make an environment of `pins/<name>.txt`, unless it is there; gives its `bin`.

    Raises:
        RuntimeError: the packages could not be had.
    """
    folder, pins = place / name, PINS / f"{name}.txt"
    stamp = folder / "pins.txt"
    if not stamp.is_file() or stamp.read_bytes() != pins.read_bytes():
        print(f"installing {name}: {pins}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        python = str(folder / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(pins)]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name} could not be installed:\n{done.stderr[-2000:]}")
        stamp.write_bytes(pins.read_bytes())
    return folder / "bin"


def version_of(name: str, package: str) -> str:
    """The version that a package is pinned to."""
    lines = (PINS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)[package]
