"""What design.toml says of stage 3, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage3.layouts import HND, NAMES, NHD, OFFSET
from stage3.operations import batch, contiguous

from autograder.judge.claim import Claim, equal, near
from autograder.judge.documentation import Observe

SHAPE, BLOCK_SIZE = (1, 2, 10, 4, 2, 8), 16
COUNTED = {"kernels_a_batch": "translate_kernels", "bytes_a_token": "translate_bytes"}
TOLERANCE = 0.25
"""A counted figure may be off by so much of what was measured."""


def check_claims(
    claims: Mapping[str, Any], observe: Observe, costs: Mapping[str, float]
) -> list[Claim]:
    """Check every claim of `[stage3]`.

    Args:
        claims: the table as read.
        observe: runs a program on the submission; an empty list if that cannot be done.
        costs: measured cost by performance case.
    """
    return [
        equal("slot_dtype", claims.get("slot_dtype"), slot_dtype(observe)),
        _wide_block(claims.get("first_wide_block"), observe),
        equal("nhd_token_stride", claims.get("nhd_token_stride"), token_stride(observe, NHD)),
        equal("hnd_token_stride", claims.get("hnd_token_stride"), token_stride(observe, HND)),
        *(
            near(name, claims.get(name), costs.get(case), TOLERANCE)
            for name, case in COUNTED.items()
        ),
    ]


def slot_dtype(observe: Observe) -> str:
    """The dtype of a slot mapping."""
    seen = observe((batch([[5, 2]], [1], [4], 4),))
    shown = seen[0].result if seen else None
    return str(shown.get("dtype", "")) if isinstance(shown, dict) else ""


def token_stride(observe: Observe, order: tuple[int, ...]) -> int | str:
    """Elements from one token of a block to the next, for one head."""
    seen = observe((contiguous(SHAPE, [NAMES[axis] for axis in order]),))
    match seen[0].result if seen else None:
        case [_, list() as strides] if len(strides) == len(SHAPE):
            return strides[OFFSET] if type(strides[OFFSET]) is int else ""
    return ""


def _wide_block(claimed: object, observe: Observe) -> Claim:
    """The first block whose slots do not fit into 32 bits; those of the one before do."""
    name = "first_wide_block"
    if type(claimed) is not int or not 0 < claimed < 1 << 31:
        return Claim(name, f"{claimed}", "no block number", False)
    positions = [BLOCK_SIZE - 1, BLOCK_SIZE]
    seen = observe((batch([[claimed - 1, claimed]], [2], positions, BLOCK_SIZE),))
    shown = seen[0].result if seen else None
    slots = shown.get("values") if isinstance(shown, dict) else None
    holds = isinstance(slots, list) and [slot >> 31 for slot in slots] == [0, 1]
    seen_there = f"slots {slots} at the edge of that block"
    return Claim(name, f"{claimed}", seen_there, holds, seen_there)
