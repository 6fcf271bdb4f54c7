"""Names the pattern in a wrong output: which elements are wrong, and what would explain them.

Each suspicion is computed: the batch is attended to once more with one mistake made on purpose. If
that gives the wrong output, the mistake is very likely the student's. Where several do, all are
named: a small batch may not tell them apart.
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
EDGE = 16
"""Keys that blocks and tiles are multiples of."""
OVERFLOWS = 88.0
"""A score whose exp is too large for float32."""


@dataclass(frozen=True)
class Diagnosis:
    """What explains a wrong output.

    Attributes:
        invariant: that is broken.
        says: the pattern in words.
        named: the mistakes alone, if some would give this very output; else "".
    """

    invariant: str
    says: str
    named: str = ""


def wrong_elements(seen: Array, exact: Array, tolerance: Tolerance) -> Bools:
    """Where an output is off by more than its dtype explains; NaN in the exact one asks nothing."""
    allowed = tolerance.absolute + tolerance.relative * np.abs(exact)
    with np.errstate(invalid="ignore"):
        right = np.abs(seen - exact) <= allowed
    return ~right & ~np.isnan(exact)


def explain(
    spec: BatchSpec, batch: Batch, seen: Array, exact: Array, tolerance: Tolerance
) -> Diagnosis:
    """What is wrong with an output that is wrong somewhere."""
    wrong = wrong_elements(seen, exact, tolerance)
    asked = ~np.isnan(exact)
    small = sum(spec.seq_lens) <= MOST_KEYS
    fitting = [
        one
        for one in SUSPICIONS
        if small and _fits(spec, batch, one, seen, wrong, asked, tolerance)
    ]
    if fitting:
        named = "; or: ".join(dict.fromkeys(one.says for one in fitting))
        return Diagnosis(fitting[0].invariant, named, named)
    if np.isnan(seen[wrong]).all() and _scores_overflow(spec, batch, wrong):
        named = (
            "NaN where scores are large: exp of them overflows, unless the largest is subtracted"
        )
        return Diagnosis("I9", named, named)
    told = [*_where(spec, seen, wrong, asked)]
    missing = _missing(spec, batch, seen, wrong, tolerance) if small else ""
    return Diagnosis("I6", "; ".join([missing] * bool(missing) + told))


def _fits(
    spec: BatchSpec,
    batch: Batch,
    suspicion: Suspicion,
    seen: Array,
    wrong: Bools,
    asked: Bools,
    tolerance: Tolerance,
) -> bool:
    """True if the mistake gives this output. A token that then sees no key may hold 0 or 0/0."""
    guess, no_key = attended(spec, batch, suspicion)
    empty = np.broadcast_to(no_key[:, None, None], guess.shape)
    comparable = asked & ~np.isnan(guess)
    if not (comparable & wrong & ~empty).any() or (wrong & ~comparable).any():
        return False
    blank = np.isnan(seen) | (seen == 0)
    off = np.where(empty, ~blank, wrong_elements(seen, guess, tolerance))
    return not (off & comparable).any()


def _scores_overflow(spec: BatchSpec, batch: Batch, wrong: Bools) -> bool:
    """True if every wrong row of the output has a score whose exp is too large."""
    rows = wrong.any(axis=2)
    large = np.zeros_like(rows)
    heads = np.arange(spec.num_heads) // spec.group
    for sequence, length in enumerate(spec.seq_lens):
        first, last = spec.starts[sequence : sequence + 2]
        at = np.arange(length)
        keys = batch.keys[batch.table[sequence, at // spec.block_size], at % spec.block_size]
        scores = np.einsum("thd,khd->thk", batch.query[first:last], keys[:, heads]) * batch.scale
        large[first:last] = scores.max(axis=2, initial=-np.inf) > OVERFLOWS
    return bool(large[rows].all())


def _missing(spec: BatchSpec, batch: Batch, seen: Array, wrong: Bools, tolerance: Tolerance) -> str:
    """Which keys the first wrong token does without, if its last or its first ones; else ""."""
    token = int(np.flatnonzero(wrong.any(axis=(1, 2)))[0])
    sequence = int(np.searchsorted(spec.starts, token, side="right")) - 1
    length = spec.seq_lens[sequence]
    own = length - spec.query_lens[sequence] + token - spec.starts[sequence]
    at, heads = np.arange(own + 1), np.arange(spec.num_heads) // spec.group
    blocks = batch.table[sequence, at // spec.block_size]
    keys, values = (
        one[blocks, at % spec.block_size][:, heads] for one in (batch.keys, batch.values)
    )
    scores = np.einsum("hd,khd->kh", batch.query[token], keys) * batch.scale
    weights = np.exp(scores - scores.max(axis=0))
    for order, says in (
        (1, "the last {} of its {} keys are"),
        (-1, "the first {} of its {} keys are"),
    ):
        sums = np.cumsum((weights[:, :, None] * values)[::order], axis=0)
        outputs = sums / np.cumsum(weights[::order], axis=0)[:, :, None]
        allowed = tolerance.absolute + tolerance.relative * np.abs(outputs)
        right = np.abs(outputs - seen[token]) <= allowed  # never where it is NaN
        fitting = np.flatnonzero(right[:-1].all(axis=(1, 2)))
        if len(fitting):  # several, if a key hardly weighs: an edge of blocks is likeliest
            lost = own - fitting[::-1]
            at_an_edge = lost[(own + 1 - lost if order == 1 else lost) % EDGE == 0]
            told = says.format(f"{[*at_an_edge, *lost][0]:,}", f"{own + 1:,}")
            return f"token {token} of the batch is as if {told} missing"
    return ""


def _where(spec: BatchSpec, seen: Array, wrong: Bools, asked: Bools) -> Iterator[str]:
    """Which part of the output is wrong, axis by axis."""
    if np.isnan(seen[wrong]).all():
        yield (
            "NaN: nothing was written there; or poison was read (an unused slot, or no `other`); or"
            " no key was seen, and 0 was divided by 0; or the code around the kernels computed"
        )
    elif not seen[asked].any():
        yield "zeros: nothing was written"
    share = int(wrong.sum()), int(asked.sum())
    yield f"wrong in {share[0]:,} of {share[1]:,} elements"
    tokens = np.flatnonzero(wrong.any(axis=(1, 2)))
    of_token = np.repeat(np.arange(len(spec.query_lens)), spec.query_lens)
    sequences = sorted(set(of_token[tokens].tolist()))
    if len(sequences) < sum(1 for one in spec.query_lens if one):
        named = ", ".join(f"{one} (length {spec.seq_lens[one]})" for one in sequences[:5])
        yield f"only in sequence {named}"
    if len(spec.query_lens) < spec.num_tokens and len(tokens) < spec.num_tokens:
        first = tokens[0] - spec.starts[of_token[tokens[0]]]
        yield f"first in computed token {first} of its sequence"
    for axis, name, size in ((1, "head", spec.num_heads), (2, "dim", spec.head_size)):
        others = tuple({0, 1, 2} - {axis})
        found = np.flatnonzero(wrong.any(axis=others))
        if len(found) < size:
            yield f"only in {name} {_few(found.tolist())}"


def _few(numbers: list[int]) -> str:
    if len(numbers) > 6 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers[:6])) + (", ..." if len(numbers) > 6 else "")
