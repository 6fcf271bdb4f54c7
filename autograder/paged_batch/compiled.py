"""Compiles a submission's kernels for GPUs that are not there, and says what came out.

A wrapper might tell a compiler from the interpreter, and give each a kernel of its own. So it is
also said what is launched for batches that the interpreter runs.

Runs in a worker whose parent has chosen to compile: there, kernels are captured and never run.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from autograder.paged_batch.costs import CASES
from autograder.paged_batch.tensors import attention_call
from autograder.protocol.plain import Json
from kernel_lanes.capture import capture
from kernel_lanes.compile import compile_launches
from kernel_lanes.problem import build
from kernel_lanes.shapes import SERVING
from kernel_lanes.virtual import virtual_tensor

SHAPES = {"decode": SERVING[0], "prefill": SERVING[2]}
"""64 sequences of 8k tokens, and a chunk of 2,048 tokens, with the heads of Llama 3 8B."""
RUN_TOO = ("decode_bytes", "prefill_bytes")
TARGETS = {"decode": ("sm_80", "sm_90"), "prefill": ("sm_80", "sm_90"), "write": ("sm_80",)}


def facts(stage_dir: str) -> Json:
    """What each kernel of each call is compiled to.

    Args:
        stage_dir: holds the submission's `pagedlab`.
    """
    sys.path.insert(0, stage_dir)
    attend: Any = importlib.import_module("pagedlab.attention").paged_attention
    found = {
        name: _compiled(partial(build(shape, virtual=True).run, attend), name)
        for name, shape in SHAPES.items()
    }
    write: Any = importlib.import_module("pagedlab.kv_cache_write").write_kv_cache
    found["write"] = _compiled(lambda: write(*_tokens_to_write()), "write")
    return {**found, "launched": {name: _launched(attend, name) for name in RUN_TOO}}


def _launched(attend: Any, case: str) -> list[Json]:
    """Kernels and grids of a batch that is also run."""
    spec: Any = CASES[case]
    with capture() as seen:
        attend(**attention_call(spec).arguments)
    return [[one.kernel[:80], [*one.grid]] for one in seen.launches[:50]]


def _compiled(call: Callable[[], object], name: str) -> list[dict[str, Any]]:
    with capture() as seen:
        call()
    return [one.plain() for one in compile_launches(seen.launches, TARGETS[name])]


def _tokens_to_write() -> list[torch.Tensor]:
    """64 tokens, 8 KV heads of 128 elements, a cache of 4,096 blocks."""
    pairs = ((64, 8, 128), (64, 8, 128), (4096, 16, 8, 128), (4096, 16, 8, 128))
    return [
        *(virtual_tensor(one, torch.float16) for one in pairs),
        virtual_tensor((64,), torch.int64),
    ]
