"""A slow, obvious model of stage 4. Hidden.

Written apart from contract.py on purpose, and by other means: one token, one head, one key at a
time, in numbers of extended precision; a write as a loop over the cache's logical axes. A test
holds the two against each other on every chaff and wheat.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from stage4.operations import HOW

from autograder.paged_batch.draw import draw
from autograder.paged_batch.layouts import cache_places
from autograder.paged_batch.scores import SoftmaxSpec, draw_scores
from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.paged_batch.tensors_as_bytes import NoTensor, from_text
from autograder.paged_batch.tolerance import tolerances
from autograder.paged_batch.written import new_numbers, old_numbers
from autograder.program.model import NotWritten, Observation, Op, Violation

Wide = np.longdouble
NO_FAULT = "nothing that the sanitizer stops"


class Oracle:
    """Checks the observations of one program against the model."""

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every difference."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        state: Any = seen.state
        due = "ValueError" if op.name == "misfit" else ""
        if state.get("fault"):
            yield Violation("", NO_FAULT, f"{state['fault']}"[:500])
            return
        if seen.error != due or state.get("altered") != []:
            found = state.get("altered") or seen.message
            yield Violation("I13" if due else "", due or "no error", f"{seen.error} {found}"[:500])
            return
        if op.name == "misfit":
            return
        tokens = op.args.get("slots") or any(op.args.get("query_lens", ()))  # type: ignore[arg-type]
        idle = op.name == "softmax" or not tokens  # where there is no token, nothing need be done
        if (not idle and not state.get("launches")) or state.get("torch"):
            yield Violation("I11", "kernels alone", f"torch computed: {state.get('torch')}")
        if state.get("shares"):
            yield Violation("", "memory of its own", f"shared with {state['shares']}"[:200])
        fields = {key: value for key, value in op.args.items() if key not in HOW}
        try:
            yield from getattr(self, f"_{op.name}")(seen.result, fields)
        except (NoTensor, TypeError, ValueError, KeyError, IndexError) as error:
            yield Violation("", "a result of the agreed form", f"{error}"[:200])

    def _softmax(self, result: Any, fields: dict[str, Any]) -> Iterator[Violation]:
        spec = SoftmaxSpec.from_json(fields)
        out, lse = (from_text(part).numbers for part in result)
        scores, values = draw_scores(spec)
        for row in range(spec.rows):
            keys = [
                (Wide(score), value.astype(Wide))
                for tile, tile_values in zip(scores, values, strict=True)
                for score, value in zip(tile[row], tile_values, strict=True)
                if score > -np.inf
            ]
            right, log = _softmax_of(keys, spec.head_size)
            if not _near(out[row], right, 1e-4, 1e-4) or not _near(lse[row], log, 1e-4, 1e-4):
                yield Violation("I1", f"row {row}: {right}, {log}", f"{out[row]}, {lse[row]}"[:200])

    def _write(self, result: Any, fields: dict[str, Any]) -> Iterator[Violation]:
        spec = WriteSpec.from_json(fields)
        shape = (spec.num_blocks, spec.block_size, spec.num_kv_heads, spec.head_size)
        *places, fused = cache_places(shape, spec.layout)
        memory = [from_text(part).numbers for part in result[1:]]
        wanted = [old_numbers(one.size, spec.dtype).tolist() for one in memory]
        slot_of = {slot: token for token, slot in enumerate(spec.slots) if slot != -1}
        new = new_numbers(spec).tolist()
        for kv, index in product((0, 1), product(*map(range, shape))):
            token = slot_of.get(index[0] * spec.block_size + index[1])
            if token is not None:
                place = places[kv]
                at = place.start + sum(
                    i * stride for i, stride in zip(index, place.strides, strict=True)
                )
                wanted[0 if fused else kv][at] = new[kv][token][index[2]][index[3]]
        if result[0] is not None or [one.tolist() for one in memory] != wanted:
            yield Violation("I4", "every element in its place", "another one")

    def _attend(self, result: Any, fields: dict[str, Any]) -> Iterator[Violation]:
        spec = BatchSpec.from_json(fields)
        batch, allowed = draw(spec), tolerances()[spec.dtype]
        shown = from_text(result)
        if shown.dtype != spec.dtype or shown.numbers.shape != batch.query.shape:
            yield Violation("", f"{spec.dtype} {batch.query.shape}", f"{shown.dtype}")
            return
        token = 0
        for sequence, (length, computed) in enumerate(
            zip(spec.seq_lens, spec.query_lens, strict=True)
        ):
            for position in range(length - computed, length):
                for head in range(spec.num_heads):
                    right = _attention_of(spec, batch, sequence, position, token, head)
                    seen = shown.numbers[token, head]
                    if not _near(seen, right, allowed.absolute, allowed.relative):
                        where = f"sequence {sequence}, position {position}, head {head}"
                        yield Violation("I6", f"{where}: {right[:3]}", f"{seen[:3]}")
                        return
                token += 1


def _attention_of(
    spec: BatchSpec, batch: Any, sequence: int, position: int, token: int, head: int
) -> Any:
    kv_head = head * spec.num_kv_heads // spec.num_heads
    keys = []
    for earlier in range(position + 1):
        block, offset = divmod(earlier, spec.block_size)
        at = batch.table[sequence][block], offset, kv_head
        score = np.dot(batch.query[token, head].astype(Wide), batch.keys[at].astype(Wide))
        keys.append((score * Wide(batch.scale), batch.values[at].astype(Wide)))
    return _softmax_of(keys, spec.head_size)[0]


def _softmax_of(keys: list[tuple[Any, Any]], head_size: int) -> tuple[Any, Any]:
    if not keys:
        return np.zeros(head_size), -np.inf
    highest = max(score for score, _ in keys)
    weights = [np.exp(score - highest) for score, _ in keys]
    total = sum(weights)
    out = sum(weight * value for weight, (_, value) in zip(weights, keys, strict=True)) / total
    return out.astype(float), float(highest + np.log(total))


def _near(seen: Any, right: Any, absolute: float, relative: float) -> bool:
    return bool(np.isclose(seen, right, rtol=relative, atol=absolute).all())
