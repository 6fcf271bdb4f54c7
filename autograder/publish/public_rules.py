"""What the generated otter tests call: one rule of the engine, on the work in this folder.

Students get this module. It needs neither otter nor the grader's packages: it runs `make grade`'s
command in the tree's own environment, once a stage and process.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SUBMISSION = "PAGEDLAB_SUBMISSION"
"""Names the folder that holds `pagedlab/`, if it is not the working directory."""


class NotPassed(AssertionError):
    """A rule is not fulfilled. Says why, as `make check` does in short."""


class Undecided(Exception):
    """The grader could not decide: its own fault, or the machine's."""


def require(rule: str) -> None:
    """Return if the rule passes.

    Raises:
        NotPassed: it does not.
        Undecided: nobody can say; `make doctor` may.
    """
    submission = str(Path(os.environ.get(SUBMISSION, ".")).resolve())
    found = graded(int(rule.partition(".")[0]), submission).get(rule)
    if found is None:
        raise Undecided(f"there is no rule {rule} in this suite")
    cause = found["cause"] or {}
    if found["status"] == "error":
        raise Undecided(f"a fault of the grader: {cause.get('summary', 'unknown')}")
    if found["status"] != "pass":
        raise NotPassed("\n".join(_explained(found, cause)))


@functools.cache
def graded(stage: int, submission: str) -> dict[str, Any]:
    """The rules of a stage by id, as they stand in results.json.

    Raises:
        Undecided: grading did not end well.
    """
    own = ROOT / ".venv" / "bin" / "python"
    python = str(own) if own.is_file() else sys.executable
    with tempfile.TemporaryDirectory(prefix="pagedlab-otter-") as out:
        command = [python, "-m", "autograder", "grade", submission, "--json"]
        ended = subprocess.run(
            [*command, "--stage", str(stage), "--out", out],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    try:
        (found,) = json.loads(ended.stdout)["stages"]
        return {rule["id"]: rule for rule in found["rules"]}
    except (ValueError, KeyError):
        said = ended.stderr.strip().splitlines()
        raise Undecided(said[-1] if said else "the grader said nothing") from None


def _explained(found: dict[str, Any], cause: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['title']}: {found['status'].replace('_', ' ')},"
        f" {found['points']} of {found['max']} points",
        *filter(None, [cause.get("summary")]),
    ]
    program = cause.get("program") or []
    lines += [
        f"    {line}{'   <- here' if at == cause['failing_line'] else ''}"
        for at, line in enumerate(program)
    ]
    for label, key in (("expected", "expected"), ("yours", "observed"), ("look at", "place")):
        if cause.get(key):
            lines.append(f"{label}: {cause[key]}")
    return [*lines, f"more: make check R={found['id']}"]
