"""What design.toml says of stage 7, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage7.operations import abort, add, engine, own_prompt, run, steps

from autograder.judge.claim import Claim, equal, near
from autograder.judge.documentation import Observe

MEASURED = {"rows_scored_a_token": "logits", "kernels_a_decode_step": "kernels"}
TOLERANCE = 0.25
"""A counted figure may be off by so much of what was measured."""


def check_claims(
    claims: Mapping[str, Any], observe: Observe, costs: Mapping[str, float]
) -> list[Claim]:
    """Check every claim of `[stage7]`.

    Args:
        claims: the table as read.
        observe: runs a program on the submission; an empty list if that cannot be done.
        costs: measured amounts by performance case.
    """
    return [
        equal("passes_of_one", claims.get("passes_of_one"), passes_of_one(observe)),
        equal("longest_prompt", claims.get("longest_prompt"), longest_prompt(observe)),
        equal("abort_frees", claims.get("abort_frees"), abort_frees(observe)),
        *(
            near(name, claims.get(name), costs.get(case), TOLERANCE)
            for name, case in MEASURED.items()
        ),
    ]


def passes_of_one(observe: Observe) -> int | None:
    """Forward passes that a request with a prompt of 20 and 6 tokens to generate takes, alone."""
    seen = observe((engine(40, 8, 3), add("a", 20, 6), run()))
    return _stat(seen, 2, "num_steps")


def longest_prompt(observe: Observe) -> int | None:
    """The longest prompt that is served with 5 tokens to generate, in 6 blocks of 4 tokens."""
    sizes = range(18, 26)
    seen = observe((engine(7), *(add(f"a{size}", own_prompt("a", size), 5) for size in sizes)))
    served = [size for size, one in zip(sizes, seen[1:], strict=False) if not one.error]
    return max(served, default=None)


def abort_frees(observe: Observe) -> str:
    """When the blocks of a request that is aborted are free: at once, or in the next step."""
    seen = observe((engine(20), add("a", 9, 9), *steps(2), abort("a")))
    free = _stat(seen, 4, "num_free_blocks")
    return "" if free is None else "at once" if free == 19 else "in the next step"


def _stat(seen: list[Any], index: int, name: str) -> int | None:
    stats = seen[index].state.get("stats") if index < len(seen) else None
    found = stats.get(name) if isinstance(stats, dict) else None
    return found if type(found) is int else None
