"""The rules whose tests students do not get."""

from __future__ import annotations

from stage5.generate import (
    ENDING,
    EVERYTHING,
    EVERYTHING_SWAPPED,
    FULL_HOST,
    PREFIXES,
    STEADY,
    WATERMARK,
    Mix,
    programs,
    random_program,
)
from stage5.language import (
    abort,
    add,
    arrive,
    fork,
    leave,
    new,
    policy,
    rank,
    serve,
    step,
    steps,
)
from stage5.oracle import Oracle

from autograder.judge.rules import Judge, rule


@rule("5.5")
def test_prefill_and_decode_share_the_steps_of_a_long_mixed_load(judge: Judge) -> None:
    judge.check_all(programs(judge.new_seed(), 40, STEADY), against=Oracle)
    judge.check_all(programs(judge.new_seed(), 30, Mix(tokens=5, seqs=5)), against=Oracle)


@rule("5.8")
def test_no_running_request_is_passed_over(judge: Judge) -> None:
    three = (new(60, 4, 4), *(add(name, 1, 12, at=place) for place, name in enumerate("abc")))
    many = {"a": [20] * 6, "b": [21] * 2, "c": [22] * 2}
    judge.check(*three, step(), step(many), *steps(9))
    judge.check(*three, step(), step({"b": [21] * 5}), step({"c": [22] * 3}), *steps(6))
    judge.check(new(60, 6, 4), add("a", 20, 3), step(), add("b", 9, 3, at=1), *steps(8))


@rule("5.11")
def test_a_step_that_preempts_admits_nobody(judge: Judge) -> None:
    for last in (1, 2, 4):
        judge.check(
            *(new(5, 32, 4), add("a", 7, 9, at=0), add("b", 10, 9, at=1), step()),
            *(add("c", last, 2, at=0.5), *steps(24)),
            against=Oracle,
        )
    judge.check(
        *(new(6, 32, 4, policy="priority"), add("a", 8, 6, at=0, priority=0)),
        *(add("b", 12, 6, at=1, priority=5), step(), add("c", 1, 2, at=2, priority=3), *steps(20)),
    )


@rule("5.13")
def test_the_watermark_holds_back_who_waits_and_nobody_who_runs(judge: Judge) -> None:
    judge.check(
        *(new(6, 32, 4, watermark=2), add("a", 8, 9, at=0), add("b", 8, 3, at=1), *steps(14))
    )
    judge.check(new(4, 32, 4, watermark=2), add("a", 8, 9), *steps(10))
    judge.check(new(4, 32, 4, watermark=4), add("a", 16, 1), add("b", 1, 1), *steps(4))
    judge.check_all(programs(judge.new_seed(), 15, WATERMARK))


@rule("5.17")
def test_a_victim_for_whom_the_host_has_no_room_is_computed_again(judge: Judge) -> None:
    three = (add("a", 7, 9, at=0), add("b", 6, 9, at=1), add("c", 7, 9, at=2))
    judge.check(new(6, 16, 3, host=2), *three, *steps(40))
    judge.check(new(6, 16, 3, host=3), *three, *steps(8), abort("c"), *steps(30))
    judge.check_all(programs(judge.new_seed(), 15, FULL_HOST))


@rule("5.20")
def test_what_the_model_says_behind_the_end_is_dropped(judge: Judge) -> None:
    long = (new(20), add("a", 5, 4, stop=[3]), step())
    judge.check(*long, step({"a": [4, 3, 5]}), step())
    judge.check(*long, step({"a": [4, 5, 6, 7, 8]}), step())
    judge.check(*long, step({"a": [4, 5, 3, 3]}), step())
    judge.check(*long, step({"a": [4, 5]}), step({"a": [6, 7]}))
    judge.check(new(20), add("a", 5, 1), step({"a": [4, 5]}), step())


@rule("5.22")
def test_an_abort_is_safe_at_any_time(judge: Judge) -> None:
    busy = (new(5, 16, 2, host=6), add("a", 7, 9, at=0), add("b", 6, 9, at=1), add("c", 5, 2, at=2))
    judge.check(*busy, abort("c"), step(), abort("a"), *steps(12))
    judge.check(*busy, step({}, ["a"]), *steps(12))
    judge.check(*busy, *steps(6), abort("b", "nobody"), *steps(12))
    judge.check(*busy, *steps(2), step({"a": [5, 6]}, ["a", "c"]), *steps(9))
    judge.check_all(programs(judge.new_seed(), 25, ENDING))


@rule("5.25")
def test_a_hit_is_counted_once(judge: Judge) -> None:
    same = [7, 8, 9, 10, 11, 12, 13, 14]
    judge.check(
        *(new(5, 16, 3), add("a", [*same, 1, 2], 9, at=0), add("b", [*same, 3], 9, at=1)),
        *(add("c", [*same, 4, 5, 6, 7], 3, at=2), *steps(40)),
        against=Oracle,
    )
    judge.check(
        *(new(6, 16, 2), add("a", [*same, 1], 8), step(), add("x", 12, 2), *steps(3)),
        *(add("b", [*same, 1, 2], 2), *steps(20)),
        against=Oracle,
    )
    judge.check_all(programs(judge.new_seed(), 25, PREFIXES), against=Oracle)


@rule("5.28")
def test_a_client_that_comes_back_has_saved_nothing_up(judge: Judge) -> None:
    first = (policy("fair"), arrive("a", at=0, client="x"), serve("a", 50))
    late = arrive("b", at=1, client="y")
    judge.check(*first, late, arrive("c", at=2, client="x"), rank("b", "c", "a"))
    judge.check(*first, late, serve("b", 1), rank("a", "b"))
    judge.check(*first, leave("a"), late, serve("b", 3), rank("b", "a"))
    other = (arrive("a", at=0, client="x"), arrive("z", at=0, client="z"))
    served = (policy("fair"), *other, serve("a", 50), serve("z", 10))
    judge.check(*served, late, serve("b", 1), rank("b", "a", "z"))
    again = (late, serve("b", 60), leave("b"), arrive("d", at=3, client="y"), serve("a", 9))
    judge.check(*first, *again, rank("a", "d"))
    judge.check(*first, late, serve("b", 20), leave("b"), serve("a", 30), again[3], rank("d", "a"))


@rule("5.29")
def test_nobody_starves(judge: Judge) -> None:
    urgent = [
        arrive(f"u{at}", at=at, priority=0, prompt=1, deadline=at + 1) for at in range(0, 99, 9)
    ]
    patient = arrive("p", at=5, priority=3, prompt=900, client="y", deadline=500)
    for kind in ("aging", "own"):
        everybody = ("p", *(f"u{at}" for at in range(0, 99, 9)))
        judge.check(policy(kind), patient, *urgent, rank(*everybody))
    for kind in ("fcfs", "aging", "fair", "sla"):
        stream = [
            one
            for at in range(14)
            for one in (add(f"s{at}", 3, 2, at=1 + at, priority=0, deadline=9 + 9 * at), step())
        ]
        judge.check(
            *(new(12, 8, 2, policy=kind), add("a", 5, 4, at=0, client="y"), step()),
            *(add("long", 30, 3, at=1, priority=1, deadline=60, client="y"), *stream, *steps(30)),
            against=Oracle,
        )


@rule("5.32")
def test_a_thousand_mixed_steps_keep_every_invariant(judge: Judge) -> None:
    for mix in (EVERYTHING, EVERYTHING_SWAPPED):
        judge.check_all(programs(judge.new_seed(), 70, mix), against=Oracle)
    for seed, kind in enumerate(("priority", "sla", "fair", "aging")):
        mixed = Mix(blocks=10, policy=kind, longest=10, outputs=8, fork=1, host=6 * (seed % 2))
        judge.check(*random_program(seed, 50, mixed), against=Oracle)
    prompt = list(range(9))
    judge.check(
        *(new(9, 16, 4, host=9), add("a", prompt, 9), step(), fork("a", "b"), step({"b": [30]})),
        *(add("c", prompt, 9, at=1), add("d", prompt[:5], 9, at=2), *steps(40)),
        against=Oracle,
    )
