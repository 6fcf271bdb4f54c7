"""What design.toml says of stage 4, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage4.operations import attend, decode

from autograder.judge.claim import Claim, equal, near
from autograder.judge.documentation import Observe

LLAMA = {"num_kv_heads": 8, "head_size": 128, "item_bytes": 2}
"""One layer of Llama 3 8B."""
COUNTED = {"kv_reads_a_byte": "decode_bytes", "keys_a_program": "longest_program"}
BYTES = "tokens x KV heads x head size x bytes of a number, for K and for V"
WIDE = "elements, not bytes: how many are in a block of one cache?"
TOLERANCE = 0.25
"""A counted figure may be off by so much of what was measured."""


def check_claims(
    claims: Mapping[str, Any], observe: Observe, costs: Mapping[str, float]
) -> list[Claim]:
    """Check every claim of `[stage4]`.

    Args:
        claims: the table as read.
        observe: runs a program on the submission; an empty list if that cannot be done.
        costs: measured cost by performance case.
    """
    vector = 2 * LLAMA["num_kv_heads"] * LLAMA["head_size"] * LLAMA["item_bytes"]
    wide = 2**31 // (16 * vector // 4)
    return [
        equal("decode_bytes_8k", claims.get("decode_bytes_8k"), 8192 * vector, BYTES),
        equal("first_wide_block", claims.get("first_wide_block"), wide, WIDE),
        equal("launches_short", claims.get("launches_short"), launches(observe, 20)),
        equal("launches_long", claims.get("launches_long"), launches(observe, 1100)),
        *(
            near(name, claims.get(name), costs.get(case), TOLERANCE)
            for name, case in COUNTED.items()
        ),
    ]


def launches(observe: Observe, length: int) -> int | str:
    """Kernels that are launched to decode one sequence."""
    seen = observe((attend(decode(length, num_heads=1, seed=1)),))
    shown: Any = seen[0].state.get("launches") if seen else None
    return len(shown) if isinstance(shown, list) and shown else ""
