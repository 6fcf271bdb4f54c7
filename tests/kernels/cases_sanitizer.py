"""The sanitizer's own: what it sees, and what it says when parts of it are taken out."""

from unittest import mock

import numpy as np
import samples
import torch
import triton.language as tl
import triton.runtime.interpreter as interpreter

from kernel_lanes import modes, spy
from kernel_lanes.blindfold import Blindfold
from kernel_lanes.sanitizer import Sanitizer, bfloat16, builder, races
from kernel_lanes.sanitizer.selftest import selftest


def case_selftest():
    return selftest()


def untouched(original, listener):
    return original


def case_blinded():
    """Each patch taken out as if Triton no longer called what it replaces."""
    holes = {
        "no_loads": mock.patch.object(builder, "_load", untouched),
        "no_stores": mock.patch.object(builder, "_store", untouched),
        "no_atomics": mock.patch.object(builder, "_rmw", untouched),
        "no_products": mock.patch.object(builder, "_dot", untouched),
        "no_bfloat16": mock.patch.object(bfloat16, "_dot", lambda original: original),
        "no_races": mock.patch.object(races.Races, "store", lambda *_: None),
        "no_undefined": mock.patch.object(spy, "ALLOCATING", ()),
    }
    found = {}
    for name, hole in holes.items():
        with hole:
            found[name] = selftest()
    kept = interpreter.InterpreterBuilder.create_masked_load
    del interpreter.InterpreterBuilder.create_masked_load
    try:
        found["other_path"] = selftest()
    finally:
        interpreter.InterpreterBuilder.create_masked_load = kept
    return found


def case_rounding():
    random = np.random.default_rng(0)
    numbers = random.integers(0, 1 << 32, 50_000, dtype=np.uint32).view(np.float32)
    ours = torch.from_numpy(bfloat16.rounded(numbers).view(np.int16)).view(torch.bfloat16)
    theirs = torch.from_numpy(numbers).to(torch.bfloat16)
    real = ~theirs.isnan()
    return {
        "same": torch.equal(ours[real], theirs[real]),
        "nan": torch.equal(ours.isnan(), theirs.isnan()),
    }


def case_blindfold():
    """What the host sees, and what kernels do, around two launches."""
    x, y = torch.arange(6.0), torch.ones(6)
    told = {}
    with Sanitizer(), Blindfold([(x, torch.full((6,), 9.0))]):
        told["before"] = x.tolist()
        out = samples.add(x, y)
        told["between"] = x.tolist()
        told["left"] = bool(out.isnan().all())
        y[0] = 5.0  # the host's own writing stays, among what it cannot see
        out[1] = 7.0
        again = samples.add(x, y)
    told["after"] = x.tolist()
    told["out"], told["again"] = out.tolist(), again.tolist()
    return told


def case_left():
    kind = interpreter.InterpreterBuilder
    before = dict(vars(kind)), interpreter.GridExecutor.__call__, dict(vars(tl))
    with Sanitizer():
        samples.softmax(torch.randn(2, 8))
    return {
        "builder": dict(vars(kind)) == before[0],
        "executor": interpreter.GridExecutor.__call__ is before[1],
        "language": dict(vars(tl)) == before[2],
    }


def case_other_kind():
    try:
        modes.compiled()
    except RuntimeError as error:
        return f"RuntimeError: {error}"


def case_fast_engine():
    from kernel_lanes.fast import FastRun

    try:
        FastRun()
    except RuntimeError as error:
        return f"RuntimeError: {error}"


def case_own_error():
    with Sanitizer():
        samples.add_kernel[(1,)](torch.zeros(3), torch.zeros(3), torch.zeros(3), 3, BLOCK=3)
