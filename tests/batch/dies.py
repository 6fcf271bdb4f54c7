"""A verb of the batch that kills itself with SIGKILL at a chosen write; and where a run stood then.

    python dies.py VERB ROOT RUN PHASE NUMBER [ARGUMENTS…]

NUMBER counts what the process writes (files opened for writing, renamed, removed, folders made,
processes started) while RUN stands in PHASE; "any" counts them in all phases. 0 never kills.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

WRITES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.chmod")
WRITES += ("subprocess.Popen", "shutil.copyfile")
FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def phase_of(run: Path) -> str:
    """Where a run stands, by its files alone."""
    if not (run / "run.json").exists():
        return "starting"
    if not (run / "manifest.jsonl").exists():
        return "taking in"
    events = _events(run / "batch.jsonl")
    last = next((one for one in reversed(events) if one["event"] not in ("grading", "ended")), {})
    if last.get("event") == "session":
        return "checking before"
    if last.get("event") != "health":
        return "planning"
    if last["when"] == "after":
        return "finishing"
    noted = sum(one["event"] == "health" and one["when"] == "after" for one in events)
    begun = max((_begun(log) for log in (run / "graded").glob("*.jsonl")), default=0)
    return "checking after" if begun > noted else "grading"


def main(verb: str, root: str, run: str, phase: str, number: int, *arguments: str) -> int:
    """Run the verb, unless it is time to die."""
    module: Any = importlib.import_module(f"autograder.cli.{verb}")
    module.ROOT = Path(root)
    left = number

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal left
        writes = event in WRITES or event == "open" and isinstance(args[2], int) and args[2] & FLAGS
        if left > 0 and writes and phase in ("any", phase_of(Path(run))):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return int(module.main(list(arguments)))


def _begun(log: Path) -> int:
    """How often a grading was begun as a check after a batch."""
    return log.read_text(encoding="utf-8", errors="replace").count('"health check after"')


def _events(file: Path) -> list[dict[str, Any]]:
    events = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5], int(sys.argv[5]), *sys.argv[6:]))
