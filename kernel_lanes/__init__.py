"""Looks at Triton kernels without a GPU: captured, compiled, sanitized, counted, run as C.

Knows nothing of the course around it: `python -m kernel_lanes attention.py` is for anyone's kernel.
Modules that run beside the code under test (the worker's side) give plain data; `record`, `facts`,
`shapes`, `traffic` and `occupancy` are pure, import neither torch nor triton, and decide.
"""
