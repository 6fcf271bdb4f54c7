"""Runs stage 4's operations on a submission. Works in the worker; what it reports is a claim.

Every call is watched by the sanitizer: which kernels were launched, whether they read or wrote what
they must not, and what torch did besides. A call can also be made with kernels that do not run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import torch
import triton.runtime.interpreter as interpreter
from kernel_lanes.sanitizer import Sanitizer
from kernel_lanes.spy import Spy

from autograder.paged_batch.scores import SoftmaxSpec, draw_scores
from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.paged_batch.tensors import Call, attention_call, write_call
from autograder.paged_batch.tensors_as_bytes import to_text
from autograder.paged_batch.torch_work import TorchWork
from autograder.protocol.plain import Json
from autograder.worker.driver import plain

HUGE_BYTES = 5 << 30


class Driver:
    """One program. Its operations have nothing in common but the submission."""

    ERRORS = ("ValueError",)

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        torch.set_num_threads(1)
        self._modules: Mapping[str, Any] = modules
        self._state: dict[str, Json] = {}

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation."""
        self._state = {}
        return getattr(self, f"_{name}")(**args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """What the last operation did beside its result."""
        return self._state

    # ---- online softmax ------------------------------------------------------------------------

    def _softmax(self, **fields: Any) -> Json:
        spec, ours = SoftmaxSpec.from_json(fields), self._modules["online_softmax"]
        tiles = [tuple(map(torch.from_numpy, tile)) for tile in zip(*draw_scores(spec))]
        changed: list[str] = []
        states = []
        for part in range(spec.parts):
            state = ours.start(spec.rows, spec.head_size)
            for scores, values in tiles[part :: spec.parts]:
                with unchanged(changed, *_tensors(state), scores, values):
                    state = ours.update(state, scores, values)
            states.append(state)
        while len(states) > 1:
            first, second = states.pop(), states.pop()
            with unchanged(changed, *_tensors(first), *_tensors(second)):
                states.append(ours.merge(first, second))
        self._state = {"altered": ["an argument"] * bool(changed)}
        finished = ours.finish(states[0])
        if type(finished) is not tuple or len(finished) != 2:
            return plain(finished)
        return [_shown(one) for one in finished]

    # ---- the cache -----------------------------------------------------------------------------

    def _write(self, order: str | int, **fields: Any) -> Json:
        call = write_call(WriteSpec.from_json(fields))
        write = self._modules["kv_cache_write"].write_kv_cache
        caches = [name for name in call.memory if name.endswith("cache")]
        result = self._watched(lambda: write(**call.arguments), call, order, caches)
        return [plain(result), *(to_text(call.memory[name]) for name in caches)]

    # ---- attention -----------------------------------------------------------------------------

    def _attend(self, order: str | int, **fields: Any) -> Json:
        spec = BatchSpec.from_json(fields)
        call = attention_call(spec)
        attend = self._modules["attention"].paged_attention
        return _shown(self._watched(lambda: attend(**call.arguments), call, order, []))

    def _watched(
        self, work: Callable[[], Any], call: Call, order: str | int, may_change: list[str]
    ) -> Any:
        """Call the submission under the sanitizer, and note what it did beside its result."""
        watch, torch_work = Sanitizer(order), TorchWork()
        for name, tensor in call.arguments.items():
            if isinstance(tensor, torch.Tensor):
                watch.declare(name, tensor, call.readable(name))
        changed: list[str] = []
        kept = {name: one for name, one in call.memory.items() if name not in may_change}
        try:
            with watch, torch_work, unchanged(changed, **kept):
                return work()
        finally:
            record = watch.record()
            fault = record.fault
            self._state = {
                "altered": sorted(changed),
                "launches": [[one.kernel[:80], list(one.grid)] for one in record.launches],
                "torch": torch_work.found[:20],
                "fault": {"kind": fault.kind, "text": str(fault)[:600]} if fault else None,
            }


def _shown(value: Any) -> Json:
    return to_text(value) if type(value) is torch.Tensor else plain(value)


def _tensors(state: Any) -> list[torch.Tensor]:
    values = (getattr(state, name) for name in ("maximum", "total", "weighted"))
    return [one for one in values if isinstance(one, torch.Tensor)]
