"""Triton's interpreter with eyes: bounds, shadows, races, shuffled programs, right bfloat16."""

from kernel_lanes.sanitizer.engine import Sanitizer
from kernel_lanes.watching import KernelFault

__all__ = ["KernelFault", "Sanitizer"]
