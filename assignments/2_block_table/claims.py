"""What design.toml says of stage 2, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage2.language import fork, generate, lookup, new, request, step

from autograder.judge.claim import Claim, complexity, equal
from autograder.judge.documentation import Observe

COMPLEXITY_CASES = {
    "allocate_slots": "append",
    "get_computed_blocks": "lookup",
    "append_row": "rows",
}
LARGER = "at 100 times the tokens"


def check_claims(
    claims: Mapping[str, Any], observe: Observe, costs: Mapping[str, float]
) -> list[Claim]:
    """Check every claim of `[stage2]`.

    Args:
        claims: the table as read.
        observe: runs a program on the submission; an empty list if that cannot be done.
        costs: measured growth of cost by performance case.
    """
    classes = claims.get("complexity", {})
    stated = classes if isinstance(classes, dict) else {}
    return [
        equal("shared_tail", claims.get("shared_tail"), shared_tail(observe)),
        equal("full_prompt_hit", claims.get("full_prompt_hit"), full_prompt_hit(observe)),
        equal(
            "blocks_for_1000_tokens",
            claims.get("blocks_for_1000_tokens"),
            blocks_for_1000_tokens(observe),
        ),
        *(
            complexity(name, stated.get(name), costs.get(case), LARGER)
            for name, case in COMPLEXITY_CASES.items()
        ),
    ]


def shared_tail(observe: Observe) -> str:
    """Whose block changes when one of two holders of a partly filled block writes into it."""
    parent = (new(9, 4), request("a", [1, 2]), step("a", 2), fork("b", "a"))
    seen = observe((*parent, generate("a", 3), step("a", 1)))
    if len(seen) != 6 or seen[5].error:
        return ""
    before, after = seen[4].state.get("tables"), seen[5].state.get("tables")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    changed = [name for name in ("a", "b") if before.get(name) != after.get(name)]
    return {"a": "writer", "b": "other"}[changed[0]] if len(changed) == 1 else ""


def full_prompt_hit(observe: Observe) -> int | str:
    """Tokens found of a prompt of 64 that is cached whole, at 16 tokens a block."""
    prompt = list(range(64))
    first = (new(20, 16), request("a", prompt), step("a", 64))
    seen = observe((*first, request("b", prompt), lookup("h", "b")))
    result = seen[4].result if len(seen) == 5 else None
    found = result[1] if isinstance(result, list) and len(result) == 2 else None
    return found if type(found) is int else ""


def blocks_for_1000_tokens(observe: Observe) -> int | str:
    """Blocks of a request with 1,000 computed tokens at 16 tokens a block."""
    seen = observe((new(100, 16), request("a", list(range(1000))), step("a", 1000)))
    tables = seen[2].state.get("tables") if len(seen) == 3 else None
    table = tables.get("a") if isinstance(tables, dict) else None
    return len(table) if isinstance(table, list) else ""
