"""The handout's contract as predicates over what one call gave, changed and did.

Students get it, and their failures are explained in its words. The exact output is computed here in
float64, by numpy, from the batch's shape and seed: nothing of it comes from the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from stage4.diagnosis import explain, wrong_elements
from stage4.faults import faulty
from stage4.operations import batch_of, write_of

from autograder.paged_batch.draw import decoy, draw
from autograder.paged_batch.exact import attention, exact_output
from autograder.paged_batch.layouts import cache_places
from autograder.paged_batch.scores import SoftmaxSpec, exact_softmax
from autograder.paged_batch.spec import WriteSpec
from autograder.paged_batch.tensors_as_bytes import NoTensor, Shown, from_text
from autograder.paged_batch.tolerance import tolerances
from autograder.paged_batch.written import decoy_write, new_numbers, old_numbers
from autograder.program.model import NotWritten, Observation, Op, Violation

BLIND = (
    "it follows from numbers that stand in the tensors only while no kernel runs: the code around"
    " the kernels computed it"
)
CLOSE = 1e-4
"""Of the online softmax, in float32: absolute, and relative."""


class Contract:
    """Checks the observations of one program, in order. They do not depend on one another."""

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        state: Mapping[str, Any] = seen.state
        if op.name == "misfit":
            yield from _misfit(seen, state)
            return
        fault = state.get("fault")
        if fault:
            yield faulty(op, *(str(part) for part in fault))
        if seen.error:
            yield Violation("", "no error", f"raises {seen.error}: {seen.message}")
            return
        if op.name != "softmax":  # first: it explains wrong numbers, too
            yield from own_kernels(state, launched=op.args.get("run", True) and has_work(op))
        if state.get("shares"):
            named = f"it lies in the memory of {state['shares']}"[:200]
            yield Violation("", "a new tensor", named)
        if state.get("altered") != []:
            yield Violation("I14", "the arguments stay as they are", f"{state.get('altered')}")
        try:
            yield from CHECKS[op.name](op, seen)
        except NoTensor as other:
            yield Violation("", "tensors of the agreed form", f"{other}")


def has_work(op: Op) -> bool:
    """False if a call is about no token at all: then nothing need be launched."""
    return bool(write_of(op).slots if op.name == "write" else batch_of(op).num_tokens)


def own_kernels(state: Mapping[str, Any], launched: bool) -> Iterator[Violation]:
    """The kernel does the work: it is launched, and torch does not compute beside it."""
    if launched and not state.get("launches"):
        yield Violation("I11", "a Triton kernel is launched", "none was")
    if state.get("torch"):
        named = ", ".join(map(str, state["torch"][:6]))
        yield Violation("I11", "torch allocates and shows in other shapes", f"it computed: {named}")


def _misfit(seen: Observation, state: Mapping[str, Any]) -> Iterator[Violation]:
    if seen.error != "ValueError":
        yield Violation("I13", "raises ValueError", seen.error or "no error")
    if state.get("altered") != []:
        yield Violation("I13", "nothing is changed", f"{state.get('altered')}")


def _softmax(op: Op, seen: Observation) -> Iterator[Violation]:
    spec = SoftmaxSpec.from_json(op.args)
    parts: Any = seen.result
    if not isinstance(parts, list) or len(parts) != 2:
        raise NoTensor(f"{parts}"[:200])
    invariant = "I3" if spec.parts > 1 else "I2" if spec.kind in ("large", "masked") else "I1"
    for name, part, exact in zip(("output", "lse"), parts, exact_softmax(spec), strict=True):
        shown = _shown(part, "float32", exact.shape)
        same = np.isclose(shown.numbers, exact, rtol=CLOSE, atol=CLOSE)
        if not same.all():
            at = tuple(int(one) for one in np.argwhere(~same)[0])
            told = f"{shown.numbers[at]:.6g}; {int((~same).sum())} of {same.size} are wrong"
            place = "merge" if spec.parts > 1 else "finish" if name == "lse" else ""
            yield Violation(invariant, f"{name}{list(at)} = {exact[at]:.6g}", told, place=place)


def _write(op: Op, seen: Observation) -> Iterator[Violation]:
    spec = write_of(op)
    exact, ours = memory_after(spec)
    result: Any = seen.result
    if not isinstance(result, list) or len(result) != 1 + len(exact):
        raise NoTensor(f"{result}"[:200])
    if result[0] is not None:
        yield Violation("", "None", f"{result[0]}")
    before = {name: old_numbers(one.size, spec.dtype) for name, one in exact.items()}
    blind, _ = memory_after(decoy_write(spec))
    for (name, right), part in zip(exact.items(), result[1:], strict=True):
        numbers = _shown(part, spec.dtype, right.shape).numbers
        if op.args.get("run") is False:
            if not np.array_equal(numbers, before[name]):
                yield Violation("I11", f"{name} unchanged: no kernel has run", "it was changed")
            continue
        for at in np.flatnonzero(~(numbers == right))[:1].tolist():
            which = ours[name].get(at)
            if which and numbers[at] == blind[name][at]:
                yield Violation("I11", "kernels copy the numbers", BLIND)
            kept = f"element {at} of {name}'s memory stays {right[at]:g}"
            put = f"element {at} of {name}'s memory is {right[at]:g} ({which})"
            yield Violation("I4" if which else "I5", put if which else kept, f"{numbers[at]:g}")


def memory_after(spec: WriteSpec) -> tuple[dict[str, Any], dict[str, dict[int, str]]]:
    """The memory of the caches after a write, and whose each element is that was written."""
    shape = (spec.num_blocks, spec.block_size, spec.num_kv_heads, spec.head_size)
    *places, one_piece = cache_places(shape, spec.layout)
    names = ["key_cache", "key_cache" if one_piece else "value_cache"]
    memory = {
        name: old_numbers(place.size, spec.dtype) for name, place in zip(names, places, strict=True)
    }
    written: dict[str, dict[int, str]] = {name: {} for name in names}
    numbers = new_numbers(spec)
    for kv, (name, place) in enumerate(zip(names, places, strict=True)):
        for token, slot in enumerate(spec.slots):
            if slot < 0:
                continue
            block, offset = divmod(slot, spec.block_size)
            start = place.start + block * place.strides[0] + offset * place.strides[1]
            heads = np.arange(spec.num_kv_heads)[:, None] * place.strides[2]
            at = start + heads + np.arange(spec.head_size)[None, :] * place.strides[3]
            memory[name][at] = numbers[kv, token]
            said = f"{'KV'[kv]} of token {token}, slot {slot}"
            written[name].update(dict.fromkeys(at.ravel().tolist(), said))
    return memory, written


def _attend(op: Op, seen: Observation) -> Iterator[Violation]:
    spec = batch_of(op)
    batch = draw(spec)
    exact = exact_output(spec)
    shown = _shown(seen.result, spec.dtype, exact.shape)
    if op.args.get("run") is False:
        if np.isfinite(shown.numbers[~np.isnan(exact)]).any():
            finite = np.unique(shown.numbers[np.isfinite(shown.numbers)])
            if finite.size > 1:
                expected = "no numbers in the output: no kernel has run"
                yield Violation("I11", expected, "there are: something else computes them")
        return
    tolerance = tolerances()[spec.dtype]
    wrong = wrong_elements(shown.numbers, exact, tolerance)
    if not wrong.any():
        return
    if not wrong_elements(shown.numbers, attention(spec, decoy(spec)), tolerance).any():
        yield Violation("I11", "kernels compute the output", BLIND)
        return
    token, head, dim = (int(one) for one in np.argwhere(wrong)[0])
    found = explain(spec, batch, shown.numbers, exact, tolerance)
    yield Violation(
        found.invariant,
        f"out[{token}, {head}, {dim}] = {exact[token, head, dim]:.5g}",
        f"{shown.numbers[token, head, dim]:.5g}; {found.says}",
        pattern=found.named,
    )


def _shown(part: Any, dtype: str, shape: tuple[int, ...]) -> Shown:
    shown = from_text(part)
    if shown.dtype != dtype or shown.numbers.shape != tuple(shape):
        found = f"{shown.dtype} {list(shown.numbers.shape)}"
        raise NoTensor(f"{found}, not {dtype} {list(shape)}")
    return shown


CHECKS: Mapping[str, Callable[[Op, Observation], Iterator[Violation]]] = {
    "softmax": _softmax,
    "write": _write,
    "attend": _attend,
}
