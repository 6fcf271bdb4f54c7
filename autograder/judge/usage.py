"""CPU time of a process tree, read from /proc by the judge."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.sandbox.processes import descendants

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree_cpu_seconds(pid: int) -> float:
    """CPU time of all processes below `pid`, and of their children that have ended.

    Processes that end while this runs count as 0.
    """
    return sum(map(_ticks, descendants(pid))) / TICKS_PER_SECOND


def _ticks(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return sum(map(int, stat[stat.rindex(")") + 2 :].split()[11:15]))
