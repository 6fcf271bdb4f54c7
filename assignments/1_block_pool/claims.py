"""What design.toml says of stage 1, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage1.language import cache, free, get, new
from stage1.state import is_ids

from autograder.judge.claim import Claim, complexity, equal
from autograder.judge.documentation import Observe

COMPLEXITY_CASES = {"get_new_blocks": "allocate", "free_blocks": "free", "touch": "hit"}
LARGER = "at 1,000 times the blocks"


def check_claims(
    claims: Mapping[str, Any], observe: Observe, growths: Mapping[str, float]
) -> list[Claim]:
    """Check every claim of `[stage1]`.

    Args:
        claims: the table as read.
        observe: runs a program on the submission; an empty list if that cannot be done.
        growths: measured growth of cost by performance case.
    """
    classes = claims.get("complexity", {})
    stated = classes if isinstance(classes, dict) else {}
    return [
        equal("usable_blocks", claims.get("usable_blocks"), usable_blocks(observe)),
        equal("evicted_first", claims.get("evicted_first"), evicted_first(observe)),
        equal("reuse_order", claims.get("reuse_order"), reuse_order(observe)),
        *(
            complexity(name, stated.get(name), growths.get(case), LARGER)
            for name, case in COMPLEXITY_CASES.items()
        ),
    ]


def usable_blocks(observe: Observe) -> int | str:
    """How many blocks of a pool of 1,000 can be in use."""
    seen = observe((new(1000),))
    return seen[0].state["free"] if seen and "free" in seen[0].state else ""  # type: ignore[return-value]


def evicted_first(observe: Observe) -> str:
    """Which of two cached free blocks goes first."""
    seen = observe(
        (
            *(new(3), get("a", 2), cache("a[0]", "h0"), cache("a[1]", "h1")),
            *(free("a[1]"), free("a[0]"), get("b", 1)),
        )
    )
    first, got = _ids(seen, 1), _ids(seen, 6)
    if len(first) != 2 or len(got) != 1:
        return ""
    return "least recently freed" if got[0] == first[1] else "most recently freed"


def reuse_order(observe: Observe) -> str:
    """In which order blocks without a hash come back, after all have been handed out once."""
    order = (2, 0, 3, 1)
    frees = [free(f"a[{index}]") for index in order]
    seen = observe(
        (new(5), get("a", 4), *frees, get("b", 1), get("c", 1), get("d", 1), get("e", 1))
    )
    handed = _ids(seen, 1)
    back = [key for index in range(6, 10) for key in _ids(seen, index)]
    if len(handed) != 4 or len(back) != 4:
        return ""
    freed = [handed[index] for index in order]
    orders = {"fifo": freed, "lifo": freed[::-1], "lowest id": sorted(freed)}
    return next((name for name, ids in orders.items() if ids == back), "other")


def _ids(seen: list[Any], index: int) -> list[int]:
    result = seen[index].result if index < len(seen) else None
    return result if is_ids(result) else []
