"""Compiles the canary kernel ahead of time for two NVIDIA generations; needs no GPU, no driver."""

from __future__ import annotations

import sys

from autograder.doctor.canary import report

ARCHITECTURES = (80, 90)  # compute capability x 10: A100, H100


def main() -> int:
    """Reports the steps triton, sm_80 and sm_90; returns the exit status."""
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    report("triton", version=triton.__version__)
    from autograder.doctor.canary.kernel import TILE, attend

    pointers = {"query": "*fp16", "key": "*fp16", "out": "*fp16", "length": "i32"}
    for architecture in ARCHITECTURES:
        source = ASTSource(
            fn=attend, signature={**pointers, "tile": "constexpr"}, constexprs={(4,): TILE}
        )
        compiled = triton.compile(source, target=GPUTarget("cuda", architecture, 32))
        machine_code = compiled.asm["cubin"]
        if f".target sm_{architecture}" not in compiled.asm["ptx"] or not machine_code:
            print(f"no machine code for sm_{architecture} came out", file=sys.stderr)
            return 1
        report(f"sm_{architecture}", bytes=len(machine_code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
