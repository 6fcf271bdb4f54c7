"""Measures the memory of a worker and all that it started, from the grader's side."""

from __future__ import annotations

from autograder.sandbox.processes import descendants

_COUNTED = (b"RssAnon:", b"RssShmem:", b"VmSwap:")


def tree_memory_bytes(outer_pid: int) -> int:
    """Return the memory that the processes below `outer_pid` took since they were forked.

    The outer process is the measure of what all of them inherited and still share with the grader:
    its own amount is taken off each. Pages of files are not counted. An estimate for polling; 0
    where /proc does not tell. Some 0.1 ms a process.
    """
    inherited = _taken(outer_pid)
    return sum(max(0, _taken(pid) - inherited) for pid in descendants(outer_pid))


def _taken(pid: int) -> int:
    """Return the bytes of anonymous, shared and swapped memory of one process."""
    try:
        with open(f"/proc/{pid}/status", "rb", buffering=0) as file:
            lines = file.read(1 << 13).splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(_COUNTED)) << 10
