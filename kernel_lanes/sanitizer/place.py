"""Where in the kernel's source the interpreter is."""

from __future__ import annotations

import sys
from pathlib import Path

import triton

_OURS = str(Path(__file__).resolve().parents[1])
_CANARIES = str(Path(__file__).with_name("canaries.py"))
_TRITON = str(Path(triton.__file__).resolve().parent)


def kernel_place() -> str:
    """The line of the innermost frame that is neither Triton's nor the watcher's, as file:line."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith((_TRITON, _OURS)) or file == _CANARIES:
            return f"{Path(file).name}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return "?"
