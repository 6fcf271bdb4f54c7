"""Importing this makes the process one that interprets kernels, and loads what that takes.

For a warm parent: nothing is left to import after it has forked a confined worker.
"""

from kernel_lanes import modes

modes.interpreted()

from kernel_lanes import blindfold, problem, sanitizer  # noqa: E402

__all__ = ["blindfold", "problem", "sanitizer"]
