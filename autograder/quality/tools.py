"""The edge to the external checkers: start one as a process of its own, wait, collect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.quality.findings import CheckerFault

MOST_OUTPUT = 4 * 1024 * 1024


@dataclass(frozen=True)
class Finished:
    """A checker that ended by itself."""

    code: int
    output: str
    errors: str

    def reason(self) -> str:
        """Its last words, in one line."""
        lines = [line.strip() for line in (self.errors or self.output).splitlines() if line.strip()]
        return lines[-1][:200] if lines else f"it ended with status {self.code}"


class Tool:
    """One running checker. It sees the folder it works in and nothing of the user's settings."""

    def __init__(self, module: str, arguments: Sequence[str], folder: Path, home: Path) -> None:
        """Start `python -m module arguments` in `folder`.

        Args:
            module: what to run, as for `python -m`.
            arguments: its command line.
            folder: working directory.
            home: an empty directory for whatever it wants to keep.
        """
        self.module = module
        self._output = tempfile.TemporaryFile()
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-m", module, *arguments],
            cwd=folder,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(home),
                "XDG_CACHE_HOME": str(home),
                "XDG_CONFIG_HOME": str(home),
                "LC_ALL": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._errors,
            start_new_session=True,
        )

    def finish(self, deadline: float) -> Finished:
        """Wait for its end.

        Args:
            deadline: on the clock of `time.monotonic`; what runs longer is killed.

        Raises:
            CheckerFault: it did not end in time, or was killed by a signal.
        """
        try:
            code = self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.end()
            raise CheckerFault(f"{self.module} did not finish in time") from None
        if code < 0:
            signal_name = signal.strsignal(-code) or str(-code)
            raise CheckerFault(f"{self.module} broke down ({signal_name})")
        texts = []
        for file in (self._output, self._errors):
            with file:
                file.seek(0)
                texts.append(_whole_lines(file.read(MOST_OUTPUT)))
        finished = Finished(code, *texts)
        if f"No module named {self.module.partition('.')[0]}" in finished.errors:
            raise CheckerFault(f"{self.module} is not installed: run `make setup`")
        return finished

    def end(self) -> None:
        """Kill it and what it started, if it still runs."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _whole_lines(data: bytes) -> str:
    """The text, without the part of a line at its end where there was more than we read."""
    if len(data) == MOST_OUTPUT:
        data = data[: data.rfind(b"\n") + 1]
    return data.decode("utf-8", "replace")
