"""Group A: what goes through the model in one step, where its KV goes, what attention sees."""

from __future__ import annotations

from stage7.generate import plans
from stage7.operations import P, execute, request, runner

from autograder.judge.rules import Judge, rule


@rule("7.1")
def test_a_prompt_goes_through_the_model_in_one_pass_and_its_first_token_is_drawn(
    judge: Judge,
) -> None:
    for size in (1, P - 1, P, P + 1, 2 * P):
        table = list(range(5, 5 + -(-size // P)))
        judge.check(runner(), request("a", size), execute({"a": (0, size, table)}, new="a"))
    judge.check(
        *(runner(), request("a", 6), execute({"a": (0, 6, [3, 9])}, new="a")),
        *(execute({"a": (6, 1, [])}), execute({"a": (7, 1, [])}), execute({"a": (8, 1, [4])})),
    )


@rule("7.2")
def test_tokens_of_a_chunk_have_their_own_positions_and_nothing_is_drawn_before_the_last(
    judge: Judge,
) -> None:
    judge.check(
        *(runner(), request("a", 11), execute({"a": (0, 5, [3, 9])}, new="a")),
        *(execute({"a": (5, 5, [7])}), execute({"a": (10, 1, [])}), execute({"a": (11, 1, [])})),
    )
    one_by_one = [execute({"a": (at, 1, [2] if at == P else [])}) for at in range(1, 7)]
    judge.check(runner(), request("a", 6), execute({"a": (0, 1, [8])}, new="a"), *one_by_one)
    # Two chunks, of which only one reaches its prompt's end.
    judge.check(
        *(runner(), request("a", 9), request("b", 4)),
        execute({"a": (0, 4, [1]), "b": (0, 4, [2])}, new="ab"),
        execute({"a": (4, 4, [3]), "b": (4, 1, [4])}),
        execute({"b": (5, 1, []), "a": (8, 1, [5])}),
    )


@rule("7.3")
def test_prompts_chunks_and_single_tokens_share_one_pass(judge: Judge) -> None:
    judge.check(
        *(runner(), request("a", 4), request("b", 10), request("c", 3)),
        execute({"a": (0, 4, [4])}, new="a"),
        execute({"a": (4, 1, [6]), "b": (0, 7, [2, 11])}, new="b"),
        execute({"b": (7, 3, [9]), "c": (0, 3, [8]), "a": (5, 1, [])}, new="c"),
        execute({"c": (3, 1, []), "a": (6, 1, []), "b": (10, 1, [])}),
    )
    judge.check(runner(), execute())
    judge.check_all(plans(judge.new_seed(), 2, 8))


@rule("7.4")
def test_keys_and_values_go_to_their_slots_and_nowhere_else(judge: Judge) -> None:
    judge.check(
        *(runner(), request("a", 7), request("b", 5), execute({"a": (0, 7, [12, 1])}, new="a")),
        execute({"b": (0, 5, [6, 2]), "a": (7, 1, [])}, new="b"),
        *(execute({"a": (8, 1, [3]), "b": (5, 1, [])}), execute({"a": (9, 1, [])})),
    )
    judge.check_all(plans(judge.new_seed(), 2, 8))


@rule("7.5")
def test_attention_sees_each_requests_own_blocks_and_length_in_every_layer(judge: Judge) -> None:
    judge.check(
        *(runner(), request("a", 8), request("b", 1), request("c", 5)),
        execute({"a": (0, 8, [10, 3]), "b": (0, 1, [7])}, new="ab"),
        execute({"c": (0, 5, [5, 2]), "b": (1, 1, []), "a": (8, 1, [1])}, new="c"),
        execute({"a": (9, 1, []), "c": (5, 1, [])}),
    )
    judge.check_all(plans(judge.new_seed(), 2, 8))
