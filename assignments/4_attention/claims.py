"""What design.toml says of stage 4, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage4.operations import attend, decode

from autograder.judge.documentation import Claim, Observe

LLAMA = {"num_kv_heads": 8, "head_size": 128, "item_bytes": 2}
"""One layer of Llama 3 8B."""
COUNTED = {"kv_reads_a_byte": "decode_bytes", "keys_a_program": "longest_program"}
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
    return [
        _equal("decode_bytes_8k", claims, 8192 * vector),
        _equal("first_wide_block", claims, 2**31 // (16 * vector // 4)),
        _equal("launches_short", claims, launches(observe, 20)),
        _equal("launches_long", claims, launches(observe, 1100)),
        *(_counted(name, claims.get(name), costs.get(case)) for name, case in COUNTED.items()),
    ]


def launches(observe: Observe, length: int) -> int | str:
    """Kernels that are launched to decode one sequence."""
    seen = observe((attend(decode(length, num_heads=1, seed=1)),))
    shown: Any = seen[0].state.get("launches") if seen else None
    return len(shown) if isinstance(shown, list) and shown else ""


def _counted(name: str, claimed: object, measured: float | None) -> Claim:
    if measured is None:
        return Claim(name, f"{claimed}", "not measured: the rule did not pass", False)
    number = isinstance(claimed, int | float) and not isinstance(claimed, bool)
    holds = number and abs(claimed - measured) <= TOLERANCE * measured  # type: ignore[operator]
    return Claim(name, f"{claimed}", f"{measured:,g}, and a quarter more or less will do", holds)


def _equal(name: str, claims: Mapping[str, Any], found: int | str) -> Claim:
    claimed = claims.get(name, "")
    holds = found != "" and type(claimed) is type(found) and claimed == found
    return Claim(name, repr(claimed), repr(found) if found != "" else "nothing to observe", holds)
