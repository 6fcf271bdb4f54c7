"""Runs what may crash or hang in a child process, several side by side, against one deadline."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a child ended.

    Attributes:
        code: exit status, negative for a signal; None when it was killed at the deadline.
        output: its stdout.
        errors: its stderr.
    """

    code: int | None
    output: str
    errors: str

    def step(self, name: str) -> dict[str, object] | None:
        """Returns what the child reported on finishing the step `name`, or None if it did not."""
        for line in self.output.splitlines():
            try:
                report = json.loads(line)
            except ValueError:
                continue
            if isinstance(report, dict) and report.get("step") == name:
                return report
        return None

    def reason(self) -> str:
        """Returns in a few words why the child did not get to its end."""
        if self.code is None:
            return "it did not finish in time"
        if self.code < 0:
            return f"it crashed ({signal.strsignal(-self.code) or -self.code})"
        lines = [line.strip() for line in self.errors.splitlines() if line.strip()]
        return lines[-1][:200] if lines else f"it ended with status {self.code}"


class Child:
    """A command running in its own process group, with its output going to unnamed files."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Starts `command` in the repository's root; `env` is its whole environment."""
        self._output = tempfile.TemporaryFile()
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._errors,
            start_new_session=True,
        )

    def finish(self, deadline: float) -> Outcome:
        """Waits until `deadline` (time.monotonic seconds), then kills the whole group."""
        code: int | None
        try:
            code = self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            code = None
        self.end()
        texts = []
        for file in (self._output, self._errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
            file.close()
        return Outcome(code, *texts)

    def end(self) -> None:
        """Kills whatever is left of the group. Does nothing when nothing is."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self._process.wait()


def run_together(
    commands: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], seconds: float
) -> dict[str, Outcome]:
    """Runs named (command, environment) pairs side by side.

    Args:
        commands: what to run, by name.
        seconds: after this long, whatever still runs is killed.

    Returns:
        Each name's outcome. Nothing that was started is left running.
    """
    deadline = time.monotonic() + seconds
    children: dict[str, Child] = {}
    try:
        for name, (command, env) in commands.items():
            children[name] = Child(command, env)
        return {name: child.finish(deadline) for name, child in children.items()}
    finally:
        for child in children.values():
            child.end()
