"""Importing this makes the process one that interprets kernels, and loads what that takes.

For a warm parent: nothing is left to import after it has forked a confined worker. From then on
bfloat16 is right, also where no sanitizer watches: in a student's own tests.
"""

from kernel_lanes import modes

modes.interpreted()

from kernel_lanes import blindfold, problem, sanitizer  # noqa: E402
from kernel_lanes.patching import Patches  # noqa: E402
from kernel_lanes.sanitizer import bfloat16  # noqa: E402

bfloat16.install(Patches())

__all__ = ["blindfold", "problem", "sanitizer"]
