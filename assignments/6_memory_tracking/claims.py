"""What design.toml says of stage 6, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage6.language import budget_blocks, contiguous, example, paged, token_bytes
from stage6.models import MODELS

from autograder.judge.claim import Claim, complexity, equal
from autograder.judge.documentation import Observe
from autograder.program.model import Op

BYTES_OF = {
    "llama_2_13b": "meta-llama/Llama-2-13b-hf",
    "llama_3_8b": "meta-llama/Meta-Llama-3-8B",
    "deepseek_v3": "deepseek-ai/DeepSeek-V3",
}
EXAMPLE_SLOTS, EXAMPLE_MODEL_LEN, EXAMPLE_BLOCK = 1_966, 256, 2
"""The memory that pagedlab/replay.py names, and a block of an eighth of 16 slots."""
SHARES = {
    "used_percent_max_length": contiguous("buddy", "max", EXAMPLE_SLOTS, EXAMPLE_MODEL_LEN),
    "used_percent_oracle": contiguous("first_fit", "oracle", EXAMPLE_SLOTS, EXAMPLE_MODEL_LEN),
    "used_percent_paged": paged(EXAMPLE_SLOTS // EXAMPLE_BLOCK, EXAMPLE_BLOCK),
}
CLOSE = 0.5
"""Percentage points between a claimed share and the measured one."""
COMPLEXITY_CASES = {"event": "event", "query": "query", "leaks": "leaks"}
LARGER = "beside 100 times the blocks"
KEPT_KIB = 20.0
"""Memory beyond which something is kept of requests that are over."""


def check_claims(
    claims: Mapping[str, Any], observe: Observe, growths: Mapping[str, float]
) -> list[Claim]:
    """Check every claim of `[stage6]`.

    Args:
        claims: the table as read.
        observe: runs a program on the submission; an empty list if that cannot be done.
        growths: measured cost by performance case.
    """
    classes = _table(claims, "complexity")
    token = _table(claims, "kv_bytes_per_token")
    budget = budget_blocks(MODELS[BYTES_OF["llama_2_13b"]], 16, 12 << 30)
    return [
        *(
            equal(f"kv_bytes_per_token.{key}", token.get(key), _result(observe, token_bytes(shape)))
            for key, shape in ((key, MODELS[name]) for key, name in BYTES_OF.items())
        ),
        equal("blocks_for_12_gib", claims.get("blocks_for_12_gib"), _result(observe, budget)),
        *(_share(name, claims.get(name), observe, memory) for name, memory in SHARES.items()),
        *(
            complexity(name, classes.get(name), growths.get(case), LARGER)
            for name, case in COMPLEXITY_CASES.items()
        ),
        _kept(str(claims.get("kept_of_finished", "")), growths),
    ]


def _share(name: str, claimed: object, observe: Observe, memory: Op) -> Claim:
    """A share of used slots in percent, close to that of the example's replay."""
    shown = _result(observe, example(memory))
    use = shown.get("use") if isinstance(shown, dict) else None
    try:
        found = 100 * use[0] / sum(use)  # type: ignore[index, arg-type, operator]
        holds = type(claimed) in (int, float) and abs(claimed - found) <= CLOSE  # type: ignore[operator]
    except (TypeError, IndexError, ZeroDivisionError):
        return Claim(name, f"{claimed}", "nothing to observe", False)
    hint = f"the share is over {CLOSE:g} points off"
    return Claim(name, f"{claimed}", f"{found:.1f}", holds, hint)


def _kept(claimed: str, costs: Mapping[str, float]) -> Claim:
    kept = costs.get("memory")
    if kept is None:
        found = "not measured: the rule did not pass"
        return Claim("kept_of_finished", claimed, found, False, found)
    found = "nothing" if kept <= KEPT_KIB else "something"
    evidence = f"{kept:.3g} KiB were kept"
    return Claim("kept_of_finished", claimed, f"{found}: {evidence}", claimed == found, evidence)


def _result(observe: Observe, op: Op) -> Any:
    seen = observe((op,))
    return seen[0].result if seen else None


def _table(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = claims.get(name, {})
    return table if isinstance(table, dict) else {}
