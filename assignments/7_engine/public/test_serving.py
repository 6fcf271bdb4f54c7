"""Group E, public: whole requests on the stages below."""

from __future__ import annotations

from stage7.generate import traffic
from stage7.operations import add, engine, own_prompt, run, step, steps

from autograder.judge.rules import Judge, rule


@rule("7.17")
def test_eight_requests_of_128_tokens_each_the_real_model_says_what_it_says_alone(
    judge: Judge,
) -> None:
    requests = [
        add(name, own_prompt(name, 9 + 6 * number, 1024), 128, request=number, temperature=0.8)
        for number, name in enumerate("abcdefgh")
    ]
    order = judge.random.sample(requests, len(requests))
    memory = {"num_host_blocks": 60, "enable_prefix_caching": True}
    judge.check(engine(68, 96, 8, model="shipped", block_size=16, **memory), *order, run())


@rule("7.18")
def test_memory_runs_out_victims_are_computed_again_and_no_token_changes(judge: Judge) -> None:
    for seqs, blocks in ((2, 5), (3, 6)):
        three = [add(name, 5, 8, request=number) for number, name in enumerate("abc")]
        judge.check(engine(blocks, 16, seqs), *three, run())
    judge.check_all(traffic(judge.new_seed(), 2, tight=True))


@rule("7.21")
def test_a_cached_prefix_is_not_computed_again_and_no_token_changes(judge: Judge) -> None:
    prompt = own_prompt("prefix", 13)
    for caching in (True, False):
        judge.check(
            engine(30, 16, 3, enable_prefix_caching=caching),
            *(add("a", prompt, 6), *steps(2), add("b", [*prompt[:9], 5], 4), step()),
            *(add("c", prompt, 3, seed=1), run(), add("d", prompt, 3, seed=2), run()),
        )
    judge.check_all(traffic(judge.new_seed(), 2, enable_prefix_caching=True))
