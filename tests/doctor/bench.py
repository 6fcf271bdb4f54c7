"""A machine whose Pythons are stand-ins: no network, no real installs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bench:
    """A bare checkout and a PATH that holds only what is put there."""

    home: Path

    def add_python(
        self, name: str, version: tuple[int, int, int], *, has_venv: bool = True
    ) -> Path:
        folder = self.home / "pythons" / name
        folder.mkdir(parents=True)
        role = {"version": version, "has_venv": has_venv, "state": str(self.home)}
        (folder / "fake.json").write_text(json.dumps(role))
        code = (Path(__file__).parent / "fake_python.py").read_text()
        program = folder / "python"
        program.write_text(f"#!{sys.executable} -SE\n{code}")
        program.chmod(0o755)
        (self.home / "bin" / name).symlink_to(program)
        return program

    def set_up(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        (self.home / "calls").write_text("")
        return subprocess.run(
            ["sh", "autograder/setup.sh", *arguments],
            cwd=self.home / "tree",
            env={"PATH": str(self.home / "bin"), **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def installs(self) -> list[str]:
        lines = (self.home / "calls").read_text().splitlines()
        return [line for line in lines if line.startswith("-m pip install")]

    def stamp(self) -> Path:
        return self.home / "tree" / ".venv" / "pagedlab-installed.txt"
