"""Kernels at compiled speed on the CPU: Triton's front end, C, and the machine's own compiler."""

from kernel_lanes.fast.build import NoCompiler
from kernel_lanes.fast.engine import FastRun, available
from kernel_lanes.fast.front import DoesNotCompile
from kernel_lanes.fast.ir import Unsupported
from kernel_lanes.watching import KernelFault

__all__ = ["DoesNotCompile", "FastRun", "KernelFault", "NoCompiler", "Unsupported", "available"]
