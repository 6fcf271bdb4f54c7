"""Which C compiler there is."""

from __future__ import annotations

import shutil

COMPILERS = ("gcc", "cc", "clang", "tcc")
"""In this order, after what $CC names."""
WORKERS_PATH = "/usr/bin:/bin"
"""Where a confined worker looks, whatever PATH its grader has."""


def compiler_on(path: str | None = None, first: str = "") -> str:
    """The C compiler's command, "" if there is none.

    Args:
        path: folders to search; None for those of PATH.
        first: a command to prefer, if it is there.
    """
    named = (first, *COMPILERS)
    return next((tool for name in named if name and (tool := shutil.which(name, path=path))), "")
