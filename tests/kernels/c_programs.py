"""Runs TTIR text as C on numpy arrays: the compiler alone, without Triton."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import torch

from kernel_lanes.fast.build import shared_object
from kernel_lanes.fast.layout import CJob, Job, bit_pattern
from kernel_lanes.fast.translate import translate
from kernel_lanes.memory import Memory

SOURCE = """
module {{
  tt.func public @kernel({parameters}) {{
{body}
    tt.return
  }}
}}
"""


def run(text: str, folder: Path, *arguments: Any, grid: tuple[int, int, int] = (1, 1, 1)) -> Job:
    """Translate a module, build it in `folder`, and run it on tensors and numbers."""
    made = translate(text)
    library = ctypes.CDLL(str(shared_object(made.source, folder)))
    library.run_job.argtypes = [ctypes.POINTER(CJob)]
    tensors = {f"a{i}": one for i, one in enumerate(arguments) if isinstance(one, torch.Tensor)}
    job = Job(Memory().reach(tensors), grid, None, [bit_pattern(one) for one in arguments])
    job.status = library.run_job(ctypes.byref(job.c))  # type: ignore[attr-defined]
    return job


def elementwise(
    operation: str, kinds: tuple[str, ...], result: str, *operands: torch.Tensor, folder: Path
) -> torch.Tensor:
    """Apply one operation to every lane of tensors of 8 elements.

    Args:
        operation: its text, with %0, %1, … for the operands; types are filled in for {0}, {1}, …
        kinds: element types of the operands.
        result: element type of the result.
    """
    out = torch.zeros(8, dtype=TORCH[result])
    parameters, body = [], ["%r = tt.make_range {end = 8 : i32, start = 0 : i32} : tensor<8xi32>"]
    for i, kind in enumerate((*kinds, result)):
        parameters.append(f"%p{i}: !tt.ptr<{kind}>")
        pointers = f"tensor<8x!tt.ptr<{kind}>>"
        body += [
            f"%s{i} = tt.splat %p{i} : !tt.ptr<{kind}> -> {pointers}",
            f"%q{i} = tt.addptr %s{i}, %r : {pointers}, tensor<8xi32>",
        ]
    for i, kind in enumerate(kinds):
        body.append(f"%{i} = tt.load %q{i} : tensor<8x!tt.ptr<{kind}>>")
    types = [f"tensor<8x{kind}>" for kind in (*kinds, result)]
    body += [
        "%out = " + operation.format(*types, result=types[-1]),
        f"tt.store %q{len(kinds)}, %out : tensor<8x!tt.ptr<{result}>>",
    ]
    lines = "\n".join(f"    {line}" for line in body)
    text = SOURCE.format(parameters=", ".join(parameters), body=lines)
    assert run(text, folder, *operands, out).status == 0  # type: ignore[attr-defined]
    return out


TORCH = {
    "i1": torch.bool, "i8": torch.int8, "i16": torch.int16, "i32": torch.int32, "i64": torch.int64,
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64,
}  # fmt: skip
