"""Group D, public: logits, and the tokens that are drawn from them."""

from __future__ import annotations

from stage7.generate import plans
from stage7.operations import execute, own_prompt, request, runner

from autograder.judge.rules import Judge, rule


@rule("7.14")
def test_a_token_hangs_on_seed_request_and_position_and_on_nothing_else(judge: Judge) -> None:
    same = own_prompt("same", 5)
    judge.check(
        *(runner(), request("a", same, seed=1, request=2), request("b", same, seed=1, request=3)),
        *(request("c", same, seed=2, request=2), request("d", same, temperature=0.0)),
        execute({"b": (0, 5, [4, 2])}, new="b"),
        execute({"a": (0, 5, [9, 5]), "d": (0, 5, [7, 3]), "b": (5, 1, [])}, new="ad"),
        execute({"c": (0, 5, [1, 6]), "b": (6, 1, []), "a": (5, 1, [])}, new="c"),
        execute({"d": (5, 1, []), "c": (5, 1, []), "a": (6, 1, []), "b": (7, 1, [])}),
    )
    # Computed again after a preemption, it goes on as if nothing had happened.
    judge.check(
        *(runner(), request("a", 3, temperature=0.6), execute({"a": (0, 3, [4])}, new="a")),
        *(execute({"a": (3, 1, [])}), execute(preempted="a")),
        *(execute({"a": (0, 5, [8, 2])}, resumed="a"), execute({"a": (5, 1, [])})),
    )


@rule("7.15")
def test_logits_are_those_of_the_plain_implementation(judge: Judge) -> None:
    judge.check(
        *(runner(), request("a", 9, temperature=0.0), request("b", 2)),
        execute({"a": (0, 9, [11, 4, 2]), "b": (0, 2, [6])}, new="ab"),
        execute({"b": (2, 1, []), "a": (9, 1, [])}),
        execute({"b": (3, 1, []), "a": (10, 1, [])}),
        execute({"a": (11, 1, []), "b": (4, 1, [12])}),
    )
    # A prefix that somebody else has computed is read where it lies.
    prompt = own_prompt("prefix", 10)
    judge.check(
        *(runner(), request("a", prompt), request("b", [*prompt[:8], 1, 2, 3])),
        *(execute({"a": (0, 10, [5, 9, 2])}, new="a"),),
        execute({"b": (8, 3, [5, 9, 3]), "a": (10, 1, [])}, new="b"),
        execute({"b": (11, 1, []), "a": (11, 1, [])}),
    )
    judge.check_all(plans(judge.new_seed(), 2, 8, host=20))
