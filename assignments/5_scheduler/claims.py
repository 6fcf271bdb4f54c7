"""What design.toml says of stage 5, held against what the submission does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage5.language import add, arrive, largest, new, policy, rank, run, step

from autograder.judge.claim import Claim, equal, near
from autograder.judge.documentation import Observe
from autograder.program.model import Program

MEASURED = {
    "bursty_first_token_seconds": "bursty_first",
    "preemptions_per_hundred": "growing",
}
TOLERANCE = 0.1
"""A claimed measurement may be off by a tenth."""


def check_claims(
    claims: Mapping[str, Any], observe: Observe, costs: Mapping[str, float]
) -> list[Claim]:
    """Check every claim of `[stage5]`.

    Args:
        claims: the table as read.
        observe: runs a program on the submission; an empty list if that cannot be done.
        costs: measured amounts by performance case.
    """
    return [
        equal("budget_goes_to", claims.get("budget_goes_to"), budget_goes_to(observe)),
        equal("preempted", claims.get("preempted"), preempted(observe)),
        equal("own_policy_prefers", claims.get("own_policy_prefers"), own_policy_prefers(observe)),
        near("largest_rate", claims.get("largest_rate"), largest_found(observe), TOLERANCE),
        *(
            near(name, claims.get(name), found, TOLERANCE)
            for name, found in experiment(observe).items()
        ),
        *(
            near(name, claims.get(name), costs.get(case), TOLERANCE)
            for name, case in MEASURED.items()
        ),
    ]


def budget_goes_to(observe: Observe) -> str:
    """Who gets the budget when an earlier request's prompt could take all of it."""
    program: Program = (
        *(new(60, 8, 2), add("a", 2, 9, at=1), step()),
        *(step({"a": [20] * 3}), add("b", 30, 2, at=0), step(), step({"a": [21] * 4}), step()),
    )
    seen = observe(program)
    tokens = _plan(seen, len(program) - 1).get("num_scheduled_tokens", {})
    if not isinstance(tokens, dict) or "b" not in tokens:
        return ""
    return "in order" if "a" not in tokens else "everybody"


def preempted(observe: Observe) -> str:
    """Who gives way when a block is missing: the one that came first, or the one that came last."""
    program = (new(4, 16, 2), add("a", 7, 9, at=0), add("b", 6, 9, at=1), step(), step(), step())
    seen = observe(program)
    found = _plan(seen, 5).get("preempted_req_ids")
    return (
        {"a": "first", "b": "last"}.get(str(found[0]), "")
        if isinstance(found, list) and found
        else ""
    )


def own_policy_prefers(observe: Observe) -> str:
    """Which of a short and a long prompt comes first, if the long one came a second earlier."""
    two = (arrive("long", at=0, prompt=900), arrive("short", at=1, prompt=9))
    seen = observe((policy("own"), *two, rank("long", "short")))
    found = seen[3].result if len(seen) == 4 else None
    if not isinstance(found, list) or not found:
        return ""
    return {"long": "first come", "short": "short prompts"}.get(str(found[0]), "")


def largest_found(observe: Observe) -> float | None:
    """The largest rate for prompts of 50 and outputs of 12 tokens."""
    seen = observe((largest((50, 12)),))
    found = seen[0].result if seen else None
    return found if isinstance(found, float) else None


def experiment(observe: Observe) -> dict[str, float | None]:
    """Mean seconds in the system at a load of 0.9: as `predict` says, and as the log says."""
    seen = observe((run(0.9, 300, blocks=1000),))
    shown = seen[0].result if seen else None
    said = shown if isinstance(shown, dict) else {}
    little = said.get("little")
    measured = little.get("system") if isinstance(little, dict) else None
    return {
        "predicted_mean_seconds": _third(said.get("predicted")),
        "measured_mean_seconds": _third(measured),
    }


def _third(shown: Any) -> float | None:
    number = shown[2] if isinstance(shown, list) and len(shown) == 3 else None
    return number if isinstance(number, float) else None


def _plan(seen: list[Any], index: int) -> Mapping[str, Any]:
    result = seen[index].result if index < len(seen) else None
    plan = result.get("plan") if isinstance(result, dict) else None
    return plan if isinstance(plan, dict) else {}
