"""Exit codes of every verb, and the one line that goes with a refusal."""

from __future__ import annotations

import sys
from enum import IntEnum


class Exit(IntEnum):
    """What a caller may rely on."""

    DONE = 0
    BELOW_BAR = 1
    USAGE = 2
    FAULT = 3
    NOTHING_TO_GRADE = 4
    NEEDS_ATTENTION = 6


def refuse(code: Exit, text: str) -> int:
    """Say on stderr, in one line, what is wrong and where; give the exit code."""
    print(f"autograder: {' '.join(text.split())}", file=sys.stderr)
    return int(code)
