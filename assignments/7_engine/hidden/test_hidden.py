"""The rules whose tests students do not get."""

from __future__ import annotations

from stage7.generate import plans, traffic
from stage7.operations import (
    P,
    abort,
    add,
    engine,
    execute,
    fork,
    own_prompt,
    request,
    run,
    runner,
    step,
    steps,
    tamper,
)
from stage7.oracle import Oracle

from autograder.judge.rules import Judge, rule


@rule("7.7")
def test_requests_come_and_go_and_everybody_keeps_the_own_table(judge: Judge) -> None:
    judge.check(
        *(runner(seqs=3), request("a", 5), request("b", 3), request("c", 6), request("d", 2)),
        execute({"a": (0, 5, [4, 2]), "b": (0, 3, [9]), "c": (0, 6, [7, 3])}, new="abc"),
        execute({"c": (6, 1, [])}, finished="a"),
        # b runs, and was left out of a step.
        execute({"d": (0, 2, [4]), "b": (3, 1, [])}, new="d"),
        execute({"c": (7, 1, []), "d": (2, 1, [])}, finished="b"),
        execute({"c": (8, 1, [1]), "d": (3, 1, [])}),
    )
    judge.check_all(plans(judge.new_seed(), 3, 10))


@rule("7.9")
def test_an_id_may_come_back_in_the_plan_in_which_it_ends(judge: Judge) -> None:
    judge.check(
        *(runner(), request("a", 5), request("b", 3)),
        execute({"a": (0, 5, [4, 2]), "b": (0, 3, [9])}, new="ab"),
        request("a", own_prompt("again", 6)),
        execute({"b": (3, 1, []), "a": (0, 6, [2, 5])}, new="a", finished="a"),
        execute({"a": (6, 1, []), "b": (4, 1, [1])}),
    )
    judge.check(engine(30, 16, 2), add("a", 5, 1), step(), add("a", 4, 2), run())


@rule("7.11")
def test_out_in_copies_transfers_keep_their_order_and_nothing_is_written_before(
    judge: Judge,
) -> None:
    # b's blocks go out and are a's new ones; c comes in to where b was.
    judge.check(
        *(runner(host=9), request("a", 8), request("b", 7), request("c", 4)),
        execute({"a": (0, 8, [4, 2]), "c": (0, 4, [9])}, new="ac"),
        execute({"b": (0, 7, [5, 3])}, new="b", preempted="c", swap_out=[(9, 6)]),
        execute(
            {"a": (8, 1, [5]), "c": (4, 1, [3, 9])},
            preempted="b",
            resumed="c",
            swap_out=[(5, 2), (3, 8)],
            swap_in=[(6, 3)],
        ),
        execute({"c": (5, 1, []), "a": (9, 1, [])}),
        execute({"b": (7, 1, [1, 7])}, resumed="b", swap_in=[(2, 1), (8, 7)]),
    )
    # A host block that comes in is taken by what goes out in the same step.
    judge.check(
        *(runner(host=2), request("a", 4), request("b", 3), request("c", 4)),
        execute({"a": (0, 4, [4]), "b": (0, 3, [2]), "c": (0, 4, [6])}, new="abc"),
        execute({"c": (4, 1, [7])}, preempted="ab", swap_out=[(4, 1), (2, 2)]),
        execute({"b": (3, 1, [6])}, preempted="c", resumed="b", swap_in=[(2, 6)]),
        execute({"a": (4, 1, [6, 1])}, preempted="b", resumed="a", swap_in=[(1, 6)]),
    )
    # What is copied has just come in; and chains of copies read before they write.
    judge.check(
        *(runner(host=4), request("a", 6), execute({"a": (0, 6, [4, 2])}, new="a")),
        execute(preempted="a", swap_out=[(4, 1), (2, 3)]),
        execute(swap_in=[(1, 8), (3, 7)], copies=[(8, 5), (7, 8)]),
        execute({"a": (6, 1, [5, 8])}, resumed="a"),
    )
    judge.check_all(plans(judge.new_seed(), 3, 10, host=16))


@rule("7.13")
def test_a_fork_begins_with_its_parents_table_and_goes_its_own_way(judge: Judge) -> None:
    begin = (runner(seqs=3), request("a", 8), execute({"a": (0, 8, [4, 2])}, new="a"))
    judge.check(
        *(*begin, fork("a", "b", seed=5), execute({"a": (8, 1, [9]), "b": (8, 1, [1])})),
        *(execute({"b": (9, 1, [])}), execute({"b": (10, 1, [])}, finished="a")),
    )
    # The parent ends, or the child does, before the child has had a step.
    judge.check(*begin, fork("a", "b", seed=5), execute({"b": (8, 1, [7])}, finished="a"))
    judge.check(*begin, fork("a", "b", seed=5), execute({"a": (8, 1, [7])}, finished="b"))
    judge.check(
        *(*begin, fork("a", "b", seed=5), execute({"a": (8, 1, [7])}, preempted="b")),
        execute({"b": (0, 9, [1, 3, 5])}, resumed="b"),
    )
    judge.check(*begin, fork("a", "b", seed=5), fork("b", "c", seed=6), execute(finished="ab"))
    judge.check_all(plans(judge.new_seed(), 3, 10, forks=0.3))


@rule("7.16")
def test_what_the_cache_holds_is_what_the_model_hears(judge: Judge) -> None:
    begin = (runner(host=4), request("a", 6), request("b", 3))
    judge.check(
        *(*begin, execute({"a": (0, 6, [4, 2]), "b": (0, 3, [9])}, new="ab")),
        *(tamper(4, 1), execute({"a": (6, 1, []), "b": (3, 1, [])}), execute({"a": (7, 1, [])})),
    )
    judge.check(
        *(*begin, execute({"a": (0, 3, [4])}, new="a"), tamper(4, 0), tamper(4, 2)),
        *(execute({"a": (3, 3, [2])}), execute({"a": (6, 1, [])})),
    )


@rule("7.19")
def test_memory_runs_out_victims_go_to_the_host_and_no_token_changes(judge: Judge) -> None:
    for host in (12, 3):
        three = [add(name, 5, 8, request=number) for number, name in enumerate("abc")]
        judge.check(engine(6, 16, 3, num_host_blocks=host), *three, run())
    judge.check_all(traffic(judge.new_seed(), 2, tight=True, num_host_blocks=12))


@rule("7.20")
def test_whoever_comes_when_whatever_the_limits_the_same_tokens(judge: Judge) -> None:
    five = [
        add(name, own_prompt(name, 2 + 3 * place), 6, seed=3, request=place)
        for place, name in enumerate("abcde")
    ]
    shuffled = judge.random.sample(five, len(five))
    judge.check(engine(60, 64, 5), *five, run(), against=Oracle)
    judge.check(engine(60, 7, 5), *shuffled, run(), against=Oracle)
    late = [op for one in five[::-1] for op in (one, step(), step())]
    judge.check(engine(40, 5, 3, enable_prefix_caching=True), *late, run(), against=Oracle)
    judge.check(engine(11, 16, 4), *shuffled, run(), against=Oracle)


@rule("7.22")
def test_a_running_request_is_forked_and_both_go_on(judge: Judge) -> None:
    judge.check(
        *(engine(20, 16, 3), add("a", 6, 9), fork("a", "b"), step(), fork("a", "b", seed=9)),
        *(fork("nobody", "x"), fork("a", "a"), fork("b", "c", seed=1), fork("a", "d"), step()),
        *(abort("a"), *steps(2), fork("c", "e", seed=4), run()),
    )
    judge.check(
        *(engine(7, 16, 3, num_host_blocks=9), add("a", 6, 9), step(), fork("a", "b", seed=9)),
        *(add("c", 3, 5), run()),
    )


@rule("7.26")
def test_aborts_in_every_state_and_ids_that_come_back_leave_nothing_behind(judge: Judge) -> None:
    # Waiting, in the middle of its prompt, generating, preempted.
    for host in (0, 9):
        judge.check(
            *(engine(8, 6, 3, num_host_blocks=host), add("a", 9, 12), step(), abort("a")),
            *(add("a", 5, 12), add("b", 6, 12), add("c", 5, 12), *steps(7), abort("c")),
            *(step(), abort("b"), add("b", 3, 3), abort("b"), add("b", 4, 3), run()),
            *(add("z", 3, 2), run()),
        )
    judge.check_all(traffic(judge.new_seed(), 2, tight=True))


@rule("7.29")
def test_the_parts_below_are_made_as_configured_and_hear_what_was_asked_for(judge: Judge) -> None:
    for name in ("fcfs", "priority", "fair", "sla", "own"):
        judge.check(engine(policy=name, watermark_blocks=1))
    told = {"priority": 3, "deadline": 2.5, "client": "x"}
    judge.check(
        engine(30, 20, 2, enable_prefix_caching=True, block_size=2),
        *(add("a", 4, 9, order=told, stop=[3, 5]), add("b", 2), run()),
    )
    size = 2 * 2 * 2 * 8 * 4 * P  # layers, K and V, heads, head size, bytes, tokens
    for memory, blocks in ((11 * size, 11), (12 * size - 1, 11)):
        fits = {"fits": blocks, "num_blocks": None, "kv_cache_memory_bytes": memory}
        judge.check(engine(**fits), add("a", 3, 3), run())


@rule("7.31")
def test_everything_at_once_for_many_steps(judge: Judge) -> None:
    judge.check_all(plans(judge.new_seed(), 2, 25, host=12, forks=0.2))
    judge.check_all(traffic(judge.new_seed(), 2), against=Oracle)
    host = {"num_host_blocks": 10, "enable_prefix_caching": True, "watermark_blocks": 1}
    judge.check_all(traffic(judge.new_seed(), 2, tight=True, **host), against=Oracle)
