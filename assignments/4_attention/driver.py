"""Runs stage 4's operations on a submission. Works in the worker; what it reports is a claim.

Every call is watched by the sanitizer: which kernels were launched, whether they read or wrote
what they must not, and what torch computed besides. While no kernel runs, the tensors hold other
numbers: what follows from those was computed by something else. A call can also be made with
kernels that do not run: whatever comes out then was made by something else, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import Any

import torch
import triton.runtime.interpreter as interpreter

from autograder.paged_batch.fold import fold
from autograder.paged_batch.misfits import misfit
from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.paged_batch.tensors import (
    Call,
    attention_call,
    decoys,
    far_attention_call,
    write_call,
)
from autograder.paged_batch.tensors_as_bytes import to_text
from autograder.paged_batch.torch_work import TorchWork
from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from autograder.worker.tensors import same_memory
from kernel_lanes.blindfold import Blindfold
from kernel_lanes.sanitizer import Sanitizer
from kernel_lanes.spy import Spy

FIELDS = ("maximum", "total", "weighted")
"""Of a SoftmaxState."""


class Driver:
    """One program. Its operations have nothing in common but the submission."""

    ERRORS = ("ValueError",)
    last: torch.Tensor | None = None
    """What the worker's last call of `paged_attention` gave: kept, so that its memory is taken."""

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
        changed: list[Json] = []

        def watched(function: Callable[..., Any], *arguments: Any) -> Any:
            given = Kept([one for argument in arguments for one in _tensors(argument)])
            result = function(*arguments)
            if given.changed() and not changed:
                changed.append("a state or a tile")
            return result

        self._state = {"altered": changed}
        finished = fold(self._modules["online_softmax"], watched, **fields)
        return [*map(_shown, finished)] if type(finished) is tuple else plain(finished)

    # ---- the cache -----------------------------------------------------------------------------

    def _write(self, order: str | int = "forward", run: bool = True, **fields: Any) -> Json:
        spec = WriteSpec.from_json(fields)
        call = write_call(spec)
        caches = [name for name in call.memory if name.endswith("cache")]
        blind = Blindfold(decoys(spec, call))
        result = self._watched("kv_cache_write", call, order, run, caches, blind=blind)
        return [plain(result), *(to_text(call.memory[name]) for name in caches)]

    # ---- attention -----------------------------------------------------------------------------

    def _attend(
        self, order: str | int = "forward", run: bool = True, far: bool = False, **fields: Any
    ) -> Json:
        spec = BatchSpec.from_json(fields)
        call = far_attention_call(spec) if far else attention_call(spec)
        blind = Blindfold(() if far else decoys(spec, call))
        result = self._watched("attention", call, order, run, (), not far, blind)
        if type(result) is torch.Tensor:
            others = {**call.arguments, "an earlier result": Driver.last}
            self._state["shares"] = [
                name
                for name, one in others.items()
                if isinstance(one, torch.Tensor) and one.numel() and same_memory(one, result)
            ]
            Driver.last = result
        return _shown(result)

    def _misfit(self, module: str, wrong: str) -> Json:
        call = misfit(module, wrong)
        return _shown(self._watched(module, call, "forward", True, ()))

    def _watched(
        self,
        module: str,
        call: Call,
        order: str | int,
        run: bool,
        may_change: Iterable[str],
        races: bool = True,
        blind: Blindfold | None = None,
    ) -> Any:
        """Call the submission under the sanitizer, and note what it did beside its result."""
        kept = {name: one for name, one in call.memory.items() if name not in may_change}
        before = {name: Kept([one]) for name, one in kept.items()}
        function = getattr(self._modules[module], FUNCTIONS[module])
        watch, work = Sanitizer(order, races) if run else None, TorchWork()
        if watch is not None:
            for name, tensor in call.arguments.items():
                if isinstance(tensor, torch.Tensor):
                    watch.declare(name, tensor, call.held.get(name))
        try:
            with watch or _kernels_that_do_not_run(), blind or nullcontext(), work:
                return function(**call.arguments)
        except interpreter.InterpreterError as error:
            raise error.__cause__ or error from None  # it knows the kernel's line
        finally:
            record = watch.record() if watch else None
            fault = record.fault if record else None
            self._state = {
                "altered": sorted(name for name, one in before.items() if one.changed()),
                "launches": (
                    [[one.kernel[:80], [*one.grid]] for one in record.launches[:50]]
                    if record
                    else []
                ),
                "torch": work.found[:20],
                "fault": [fault.kind, str(fault)[:600]] if fault else None,
            }


FUNCTIONS = {"kv_cache_write": "write_kv_cache", "attention": "paged_attention"}


class Kept:
    """Tensors as they were, to the bit: NaN may stand in them."""

    def __init__(self, tensors: Iterable[torch.Tensor]) -> None:
        self._tensors = list(tensors)
        self._before = [one.clone() for one in self._tensors]

    def changed(self) -> bool:
        """True if one of them is another now."""
        pairs = zip(self._tensors, self._before, strict=True)
        return not all(torch.equal(_bits(now), _bits(then)) for now, then in pairs)


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().flatten().view(torch.uint8)


def _tensors(argument: Any) -> list[torch.Tensor]:
    """A tile, or what a state holds."""
    if isinstance(argument, torch.Tensor):
        return [argument]
    return [getattr(argument, name) for name in FIELDS]


def _shown(value: Any) -> Json:
    return to_text(value) if type(value) is torch.Tensor else plain(value)


@contextmanager
def _kernels_that_do_not_run() -> Iterator[None]:
    """Launches that do nothing, and new memory that holds NaN: what comes out is not a kernel's."""
    launch: Callable[..., None] = interpreter.GridExecutor.__call__
    interpreter.GridExecutor.__call__ = lambda *_, **__: None
    try:
        with Spy(None):
            yield
    finally:
        interpreter.GridExecutor.__call__ = launch
