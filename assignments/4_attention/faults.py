"""What the sanitizer finds, as a violation of the contract: which invariant, where, whose slot."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stage4.operations import batch_of

from autograder.paged_batch.draw import draw
from autograder.paged_batch.spec import BatchSpec
from autograder.program.model import Op, Violation

FAULTS: Mapping[str, tuple[str, str]] = {
    "unreadable": ("I8", "only slots that hold a token are read"),
    "out_of_bounds": ("I12", "every access lies in the tensors that the kernel was given"),
    "uninitialised": ("I12", "nothing is read that has not been written"),
    "refused": ("I16", "Triton's compiler accepts the kernel"),
    "race": ("I12", "no two programs touch one element, unless both read it"),
}
"""What the sanitizer finds: the invariant, and what was to be expected."""
LINE = re.compile(r"(?P<place>\w+\.py:\d+): ")
SLOT = re.compile(r"'(?:key|value)_cache': .* first at \[(?P<block>\d+), (?P<offset>\d+), ")
"""Of a message of the sanitizer's: the kernel's line; the block, and the offset in it."""


def faulty(op: Op, kind: str, text: str) -> Violation:
    """What the sanitizer has found, with the line, and whose slot it was."""
    invariant, expected = FAULTS.get(kind, ("I12", "the kernel runs to its end"))
    at = SLOT.search(text)
    if kind == "unreadable" and op.name == "attend" and at:
        text += f": {_slot(batch_of(op), int(at['block']), int(at['offset']))}"
    line = LINE.match(text)
    return Violation(invariant, expected, text, place=line["place"] if line else "")


def _slot(spec: BatchSpec, block: int, offset: int) -> str:
    """Why there is nothing to be read in a slot."""
    for sequence, length in enumerate(spec.seq_lens):
        row = draw(spec).table[sequence, : spec.blocks_of(sequence)]
        if length % spec.block_size and row[-1] == block:
            position = (len(row) - 1) * spec.block_size + offset
            tokens = f"{length:,} token" + "s" * (length > 1)
            return f"position {position:,} of sequence {sequence}, which has {tokens}"
    return f"nobody holds block {block}"
