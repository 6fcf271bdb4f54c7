"""Runs the canary kernel in Triton's interpreter, on the CPU.

Start it with TRITON_INTERPRET=1 in the environment. Ends with status 1 when the result is wrong.
"""

from __future__ import annotations

import sys

from autograder.doctor.canary import report


def main() -> int:
    """Reports the steps torch, triton and kernel; returns the exit status."""
    import torch

    report("torch", version=torch.__version__, cuda=torch.version.cuda)
    import triton

    report("triton", version=triton.__version__)
    from autograder.doctor.canary.kernel import LENGTH, TILE, attend

    torch.manual_seed(0)
    query, key = torch.randn(2, TILE, TILE)
    out = torch.full_like(query, float("nan"))
    attend[(1,)](query, key, out, LENGTH, TILE)
    kept = key[:LENGTH].double()
    right = torch.softmax(query.double() @ kept.T, 1) @ kept
    error = float((out.double() - right).abs().max())
    if not error < 1e-4:
        print(f"the result is off by {error:.1e}", file=sys.stderr)
        return 1
    report("kernel", error=error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
