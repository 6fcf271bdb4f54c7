"""Names the pattern in a wrong output: which elements are wrong, and what would explain them.

Each suspicion is computed: the batch is attended to once more with one mistake made on purpose. If
that gives the wrong output, the mistake is very likely the student's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from stage4.suspicions import SUSPICIONS, Bools, Suspicion, attended

from autograder.paged_batch.draw import Array, Batch
from autograder.paged_batch.spec import BatchSpec
from autograder.paged_batch.tolerance import Tolerance

MOST_KEYS = 1 << 14
"""Of a batch: in a larger one suspicions take too long, and smaller ones show the same mistakes."""
MOST_NAMED = 3
"""Suspicions that are told if a batch is too small to tell them apart."""
NEAR = 8.0
"""Errors up to so many times what is allowed look like rounding."""
OVERFLOWS = {"float16": 11.0, "bfloat16": 88.0, "float32": 88.0}
"""exp of more has no finite number of a dtype."""


def wrong_elements(seen: Array, exact: Array, tolerance: Tolerance) -> Bools:
    """Where an output is off by more than its dtype explains; NaN in the exact one asks nothing."""
    allowed = tolerance.absolute + tolerance.relative * np.abs(exact)
    with np.errstate(invalid="ignore"):
        right = np.abs(seen - exact) <= allowed
    return ~right & ~np.isnan(exact)


@dataclass(frozen=True)
class Diagnosis:
    """What explains a wrong output.

    Attributes:
        invariant: that is broken.
        says: the pattern in words.
        named: the mistakes alone, if there are some that give this very output; else "".
    """

    invariant: str
    says: str
    named: str = ""


def explain(
    spec: BatchSpec, batch: Batch, seen: Array, exact: Array, tolerance: Tolerance
) -> Diagnosis:
    """What is wrong with an output that is wrong somewhere."""
    wrong = wrong_elements(seen, exact, tolerance)
    asked = ~np.isnan(exact)
    # What is right needs no explanation: a mistake may need a long sequence to show.
    rows = np.isin(_sequences(spec), _sequences(spec)[wrong.any(axis=(1, 2))])[:, None, None]
    found: list[Suspicion] = []
    everywhere: list[Suspicion] = []  # these would leave right, too, what is right
    tried = sum(spec.seq_lens) <= MOST_KEYS and seen[wrong].any()
    for suspicion in SUSPICIONS if tried else ():
        guess = attended(spec, batch, suspicion)
        comparable = asked & ~np.isnan(guess) & rows
        told = comparable & wrong & np.isfinite(seen)
        if not told.any() or (wrong & ~comparable).any():
            continue
        no_key = (guess == 0) & ~np.isfinite(seen)  # 0 divided by 0
        off = wrong_elements(seen, guess, tolerance) & ~no_key
        if not (off & comparable).any():
            found.append(suspicion)
            everywhere += [suspicion] * (not (off & asked & ~np.isnan(guess)).any())
    found = (everywhere or found)[:MOST_NAMED]
    if found:
        says = ", or ".join(one.says for one in found)
        return Diagnosis(found[0].invariant, "; ".join([says, *_only_in(spec, wrong)]), says)
    hints = [*_how(spec, batch, seen, exact, tolerance), *_where(spec, wrong, asked)]
    return Diagnosis("I6", "; ".join(hints))


def _how(
    spec: BatchSpec, batch: Batch, seen: Array, exact: Array, tolerance: Tolerance
) -> Iterator[str]:
    """What the wrong numbers look like."""
    wrong = wrong_elements(seen, exact, tolerance)
    if not np.isfinite(seen[wrong]).any():
        yield (
            "NaN: nothing was written there, or poison was read (an unused slot, or no `other`), or"
            " no key was seen and 0 was divided by 0, or the code around the kernels computed with"
            " what they had left"
        )
        largest = _largest_score(spec, batch)
        if largest > OVERFLOWS[spec.dtype]:
            yield f"or exp overflowed, from which nothing was taken off: {largest:.0f} is a score"
    elif not seen[wrong].any():
        yield "zeros: nothing was written, or no key was seen"
    else:
        allowed = tolerance.absolute + tolerance.relative * np.abs(exact[wrong])
        if np.isfinite(seen[wrong]).all() and (np.abs(seen - exact)[wrong] <= NEAR * allowed).all():
            yield "close, and not close enough: something is rounded to a narrow dtype on the way"
    odd = [f"layout {spec.layout}"] * (spec.layout != "nhd")
    odd += ["columns of the table apart"] * (spec.table_step > 1)
    odd += ["tokens of the query apart"] * (spec.query_room > 0)
    if odd:
        yield f"in a batch with strides of its own ({', '.join(odd)})"


def _largest_score(spec: BatchSpec, batch: Batch) -> float:
    """Of all tokens and the keys of their sequences."""

    def note(scores: Array) -> Array:
        nonlocal most
        most = max(most, float(scores.max(initial=-np.inf)))
        return np.zeros_like(scores)

    most = -np.inf
    attended(spec, batch, Suspicion("", "", weigh=note))
    return most


def _where(spec: BatchSpec, wrong: Bools, asked: Bools) -> Iterator[str]:
    """Which part of the output is wrong, axis by axis."""
    share = int(wrong.sum()), int(asked.sum())
    yield f"wrong in {share[0]:,} of {share[1]:,} elements"
    yield from _only_in(spec, wrong)
    tokens = np.flatnonzero(wrong.any(axis=(1, 2)))
    if len(spec.query_lens) < spec.num_tokens and len(tokens) < spec.num_tokens:
        yield f"first in {place_of(spec, int(tokens[0]))}"
    for axis, name, size in ((1, "head", spec.num_heads), (2, "dim", spec.head_size)):
        others = tuple({0, 1, 2} - {axis})
        found = np.flatnonzero(wrong.any(axis=others))
        if len(found) < size:
            yield f"only in {name} {_few(found.tolist())}"


def _sequences(spec: BatchSpec) -> Array:
    """Whose each row of the batch is; -1 for padding."""
    own = np.repeat(np.arange(len(spec.query_lens)), spec.query_lens)
    return np.concatenate([own, np.full(spec.padding, -1)])


def _only_in(spec: BatchSpec, wrong: Bools) -> Iterator[str]:
    """The sequences that are wrong, if others are right."""
    sequences = sorted(set(_sequences(spec)[wrong.any(axis=(1, 2))].astype(int).tolist()))
    if len(sequences) < sum(1 for one in spec.query_lens if one):
        named = ", ".join(f"{one} (length {spec.seq_lens[one]})" for one in sequences[:5])
        yield f"only in sequence {named}"


def place_of(spec: BatchSpec, token: int) -> str:
    """Where a row of the batch stands in its sequence, and where its own key lies."""
    starts = np.array(spec.starts)
    sequence = int(np.searchsorted(starts, token, side="right")) - 1
    number = token - spec.starts[sequence]
    position = spec.seq_lens[sequence] - spec.query_lens[sequence] + number
    block, offset = divmod(position, spec.block_size)
    return (
        f"computed token {number} of its sequence, at position {position}:"
        f" entry {block} of its row of the table, offset {offset}"
    )


def _few(numbers: list[int]) -> str:
    if len(numbers) > 6 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers[:6])) + (", ..." if len(numbers) > 6 else "")
