"""Captured and compiled kernels, in a process that compiles."""

import resource

import paged
import refused
import samples
import torch
import triton

from kernel_lanes.capture import capture
from kernel_lanes.compile import compile_launches
from kernel_lanes.problem import build
from kernel_lanes.shapes import SERVING
from kernel_lanes.virtual import virtual_tensor


def case_serving_shapes():
    """Every serving shape, captured; the first one compiled for three GPUs."""
    found = []
    for shape in SERVING:
        with capture() as seen:
            result = build(shape, virtual=True).run(paged.paged_attention)
        found.append({"facts": seen.facts().plain(), "finite": bool(result.isfinite().any())})
        if shape is SERVING[0]:
            compiled = compile_launches(seen.launches, ("sm_80", "sm_90", "gfx942"))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    plain = [one.plain() for one in compiled]
    return {"captured": found, "compiled": plain, "resident_mb": resident}


def case_virtual_tensors():
    one, two = (virtual_tensor((1 << 33,), torch.float16) for _ in range(2))
    return {
        "size": one.numel(),
        "sum": float(one[:1000].sum()),
        "apart": one.data_ptr() != two.data_ptr(),
        "aligned": one.data_ptr() % 16 == 0,
        "empty": list(virtual_tensor((0, 3), torch.int8).shape),
    }


def case_launch_forms():
    """Defaults, a grid that is a function, a tuned kernel, heuristics, warm-up: one launch each."""
    x = torch.zeros(100)
    tuned = triton.autotune([triton.Config({"BLOCK": 32}), triton.Config({"BLOCK": 64})], ["n"])
    guessed = triton.heuristics({"BLOCK": lambda args: 16})
    with capture() as seen:
        by_meta = samples.add_kernel[lambda meta: (100 // meta["BLOCK"],)]
        by_meta(x, x, x, 100, BLOCK=25, num_warps=8)
        tuned(samples.add_kernel)[(7,)](x, x, x, 100)
        guessed(samples.add_kernel)[(1, 2, 3)](x, x, x, n=100)
        samples.add_kernel.warmup(x, x, x, 100, BLOCK=64, grid=(1,))
    return [
        [one.grid, one.scalars, one.num_warps, one.tensors[0].strides]
        for one in seen.facts().launches
    ]


def case_different_specializations():
    """Two launches alike are compiled once; one with odd strides is another kernel."""
    with capture() as seen:
        samples.softmax(torch.zeros(64, 64))
        samples.softmax(torch.zeros(8, 64))
        samples.softmax(torch.zeros(8, 130)[:, :64])
    return [one.plain() for one in compile_launches(seen.launches, ("sm_80",))]


def case_refused():
    found = {}
    x, out = torch.zeros(1 << 18), torch.zeros(1 << 18)
    for name in ("dot_too_small", "python_inside", "calls_helper", "unknown_name"):
        found[name] = error_of(getattr(refused, name), x, out)
    found["changes_type"] = error_of(refused.changes_type, out, 3)
    found["mixed_atomic"] = error_of(refused.mixed_atomic, x.int(), out)
    return found


def error_of(kernel, *args):
    with capture() as seen:
        refused.launch(kernel, *args)
    return compile_launches(seen.launches, ("sm_80",))[0].error
