"""Group F, public: prefixes that are cached."""

from __future__ import annotations

from stage5.language import add, new, step, steps

from autograder.judge.rules import Judge, rule

SAME = [7, 8, 9, 10, 11, 12, 13, 14]


@rule("5.24")
def test_a_cached_prefix_is_not_computed_again(judge: Judge) -> None:
    first = (new(20), add("a", [*SAME, 1, 2], 3), step())
    seen = judge.check(*first, add("b", [*SAME, 3], 2), *steps(4))
    _found(judge, (*first, add("b", [*SAME, 3], 2), *steps(4)), seen, "b", 8)
    exact = (new(20), add("a", SAME, 2), *steps(3), add("b", SAME, 2), *steps(3))
    _found(judge, exact, judge.check(*exact), "b", 4)
    later = (
        new(20),
        add("a", [*SAME, 1], 1),
        *steps(2),
        add("b", [*SAME, 1, 2, 3, 4], 2),
        *steps(3),
    )
    _found(judge, later, judge.check(*later), "b", 8)
    judge.check(new(20), add("a", [*SAME, 1], 4), add("b", [*SAME, 5], 4), *steps(6))


def _found(judge, program, seen, name, tokens) -> None:  # type: ignore[no-untyped-def]
    """The prefix that a request was admitted with."""
    for index, one in enumerate(seen):
        plan = one.result.get("plan", {}) if isinstance(one.result, dict) else {}
        if name in plan.get("scheduled_new_req_ids", []):
            start = plan["num_computed_tokens"].get(name)
            if start != tokens:
                expected = f"{name} begins behind the {tokens} tokens that are cached"
                judge.fail(program, index, "I16", expected, f"it begins at position {start}")
            return
    judge.fail(program, len(program) - 1, "I16", f"{name} is admitted", "it is not")
