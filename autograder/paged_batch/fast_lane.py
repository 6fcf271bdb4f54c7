"""Runs a submission's attention on one batch, its kernels as C, and says what was seen.

Runs in a worker whose parent has chosen to compile. What is built goes to the worker's own folder.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import torch

from autograder.paged_batch.spec import BatchSpec
from autograder.paged_batch.tensors import Call, attention_call
from autograder.paged_batch.tensors_as_bytes import to_text
from autograder.paged_batch.torch_work import TorchWork
from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from kernel_lanes.blindfold import Blindfold
from kernel_lanes.fast import DoesNotCompile, FastRun, KernelFault, NoCompiler, Unsupported


def attend(stage_dir: str, spec: Mapping[str, Any]) -> Json:
    """One call of `paged_attention`.

    Args:
        stage_dir: holds the submission's `pagedlab`.
        spec: of the batch, as `BatchSpec.changed` gives it.
    """
    torch.set_num_threads(1)
    sys.path.insert(0, stage_dir)
    function: Any = importlib.import_module("pagedlab.attention").paged_attention
    call = attention_call(BatchSpec.from_json(spec))
    watch, work = FastRun(), TorchWork()
    for name, tensor in call.arguments.items():
        if isinstance(tensor, torch.Tensor):
            watch.declare(name, tensor, call.held.get(name))
    result, refused, untranslated = None, "", ""
    try:
        with watch, blindfold(call), work:
            result = function(**call.arguments)
    except (Unsupported, NoCompiler) as limit:
        untranslated = f"{limit}"[:400] or "no reason given"
    except DoesNotCompile as error:
        refused = f"{error}"[:600]
    except KernelFault:
        pass  # the record has it
    shown = to_text(result) if type(result) is torch.Tensor else plain(result)
    return {
        "result": shown,
        "untranslated": untranslated,
        "refused": refused,
        "torch": work.found[:20],
        "record": watch.record().plain(),
    }


def blindfold(call: Call) -> Blindfold:
    """Zeros for whoever reads the batch's numbers while no kernel runs: no large batch is drawn."""
    inputs = [one for one in call.memory.values() if one.is_floating_point()]
    return Blindfold([(one, torch.zeros_like(one)) for one in inputs])
