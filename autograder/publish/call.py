"""Starts the engine of a zip in the engine's own Python, and ends it when its time is up.

Standard library only: this runs in otter's Python, which has nothing of what grading needs.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.publish.report import BadReport, Report, read_report

PYTHON = "PAGEDLAB_PYTHON"
"""Names the interpreter with requirements.txt in it, where it is not at its usual place."""
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
FINISHING = 60.0
"""Seconds to score what was decided, after the engine was stopped."""


class EngineFault(Exception):
    """The grader is at fault, and nothing is decided. One line: what, and what to do."""


@dataclass(frozen=True)
class Setting:
    """What `make autograder` wrote into the zip.

    Attributes:
        seed: makes the seed of each submission, with its content.
        stages: numbers; empty for all.
        seconds: after which the engine is stopped, and what is decided is scored.
        require_isolation: name of the weakest tier to grade with, or "".
    """

    seed: int
    stages: tuple[int, ...] = ()
    seconds: float = 480.0
    require_isolation: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it stands in `otter_config.json`."""
        data: dict[str, Any] = {"seed": self.seed, "stages": list(self.stages)}
        return {**data, "seconds": self.seconds, "require_isolation": self.require_isolation}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Setting:
        """The inverse of `to_json`.

        Raises:
            EngineFault: a field is missing.
        """
        try:
            stages, isolation = tuple(data["stages"]), data["require_isolation"]
            return cls(data["seed"], stages, float(data["seconds"]), isolation)
        except (KeyError, TypeError, ValueError) as error:
            raise EngineFault(f"otter_config.json: {error!r}; build the zip again") from error


def run_engine(place: Path, sent: Path, out: Path, setting: Setting) -> Report:
    """Grade what is in `sent`.

    Args:
        place: the folder that holds `source/`, such as /autograder.
        sent: the delivery; nothing in it is imported or run by this process.
        out: a folder of this grading alone; gets the log and the report.
        setting: as the zip says.

    Raises:
        EngineFault: there is no report: nothing is decided.
    """
    engine = place / "source" / "engine"
    command = [find_python(place), "-m", "autograder.publish.engine", str(sent), str(out)]
    options = [f"--seed={setting.seed}", *(f"--stage={number}" for number in setting.stages)]
    if setting.require_isolation:
        options.append(f"--require-isolation={setting.require_isolation}")
    out.mkdir(parents=True, exist_ok=True)
    if not _ended_in_time([*command, *options], engine, out, setting.seconds):
        _ended_in_time([*command, "--finish"], engine, out, FINISHING)
    try:
        return read_report(out / "report.json")
    except BadReport as error:
        said = (out / "engine.txt").read_text("utf-8", "replace").strip().splitlines()
        raise EngineFault(f"no report of the grading: {said[-1] if said else error}") from error


def find_python(place: Path) -> str:
    """The interpreter with the grader's packages.

    Raises:
        EngineFault: there is none.
    """
    named = os.environ.get(PYTHON)
    checkout = Path(__file__).resolve().parents[2]
    usual = [place / "engine-venv" / "bin" / "python", checkout / ".venv" / "bin" / "python"]
    for candidate in [named] if named else usual:
        if Path(candidate).is_file():
            return str(candidate)
    raise EngineFault(f"no Python for the grader; set {PYTHON}, or see the log of setup.sh")


def _ended_in_time(command: list[str], cwd: Path, out: Path, seconds: float) -> bool:
    """Run it to its end, or end it with all that it started."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    with (out / "engine.txt").open("ab") as said:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
