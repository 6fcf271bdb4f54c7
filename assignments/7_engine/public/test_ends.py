"""Group F, public: what comes out, and how it ends."""

from __future__ import annotations

from stage7.operations import abort, add, engine, run, step, steps

from autograder.judge.rules import Judge, rule


@rule("7.23")
def test_each_token_comes_out_once_in_the_step_that_made_it(judge: Judge) -> None:
    judge.check(engine(), step(), add("a", 5, 3), *steps(5))
    judge.check(
        *(engine(40, 6, 3), add("a", 15, 3), add("b", 2, 5), *steps(3)),
        *(add("c", 9, 2), *steps(12)),
    )


@rule("7.24")
def test_a_request_ends_at_a_stop_token_or_at_a_limit_of_length_and_says_which(
    judge: Judge,
) -> None:
    everything = list(range(64))
    judge.check(
        *(engine(), add("a", 3, 5, stop=everything), add("b", 3, 1), add("c", 4, 2)),
        *(*steps(4), add("a", 3, 2), run()),
    )
    judge.check(engine(), add("a", 4, 20, stop=everything[:32]), add("b", 5, 20), run())
    judge.check(engine(max_model_len=9), add("a", 6, 20), add("b", 8, 20), add("c", 3, 6), run())
    judge.check(engine(), add("a", 3, 1, stop=everything), run())


@rule("7.25")
def test_an_abort_gives_everything_back_at_once(judge: Judge) -> None:
    judge.check(
        *(engine(9, 16, 2), add("a", 9, 9), add("b", 5, 9), add("c", 5, 3), step(), abort("a")),
        *(*steps(2), abort("nobody"), abort("a"), abort("c"), abort("b"), step()),
    )
    judge.check(engine(), add("a", 4, 2), *steps(2), abort("a"), add("a", 3, 2), abort("a"), step())
