"""Which kind of process this is: one that interprets kernels, or one that compiles them.

`@triton.jit` decides at import what a kernel is, and so do Triton's own library functions; so a
process is either, from before Triton's import to its end.
"""

from __future__ import annotations

import os
import sys
from typing import Any

VARIABLE = "TRITON_INTERPRET"
_chosen = ""


def interpreted() -> None:
    """Make kernels of this process run in Triton's interpreter. To be called before its import.

    Raises:
        RuntimeError: the process is of the other kind already.
    """
    _choose("interpreted")


def compiled() -> None:
    """Make kernels of this process go through Triton's compiler; none needs a GPU or a driver.

    Raises:
        RuntimeError: the process is of the other kind already.
    """
    _choose("compiled")
    import triton

    from kernel_lanes.driver import NoDevice

    if not isinstance(triton.runtime.driver._active, NoDevice):
        triton.runtime.driver.set_active(NoDevice())


def chosen() -> str:
    """`interpreted`, `compiled`, or "" if none has been chosen."""
    return _chosen


def require(kind: str) -> None:
    """Refuse to go on in a process of another kind.

    Raises:
        RuntimeError: it is of another kind, or of none yet.
    """
    if _chosen != kind:
        raise RuntimeError(f"call kernel_lanes.modes.{kind}() before anything imports triton")


def _choose(kind: str) -> None:
    global _chosen
    if _chosen == kind:
        return
    interpret = kind == "interpreted"
    if _chosen or ("triton" in sys.modules and _bound_as_interpreted() is not interpret):
        raise RuntimeError(f"triton is imported in this process, and not as {kind}")
    os.environ.pop(VARIABLE, None)
    if interpret:
        os.environ[VARIABLE] = "1"
    import triton

    # The variable is read anew at every decoration, and a confined worker clears its environment.
    knobs: Any = triton.knobs
    knobs.runtime.interpret = interpret
    _chosen = kind


def _bound_as_interpreted() -> bool:
    """True if Triton's own functions have been bound to the interpreter."""
    import triton.language as tl
    from triton.runtime.jit import JITFunction

    return not isinstance(tl.sum, JITFunction)
