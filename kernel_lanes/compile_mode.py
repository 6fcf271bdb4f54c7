"""Importing this makes the process one that compiles kernels, and loads what that takes.

For a warm parent: nothing is left to import after it has forked a confined worker.
"""

from kernel_lanes import modes

modes.compiled()

from triton.backends import backends  # noqa: E402

from kernel_lanes import blindfold, capture, compile, fast, problem  # noqa: E402

__all__ = ["backends", "blindfold", "capture", "compile", "fast", "problem"]
