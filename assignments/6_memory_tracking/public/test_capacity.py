"""Group F, public: the three laws, on cases that can be worked out by hand."""

from __future__ import annotations

from stage6.language import sojourn, summarize, wait
from stage6.state import expect

from autograder.judge.rules import Judge, rule

STAYS = ((0.0, 4.0), (1.0, 3.0), (2.0, 8.0), (6.0, 8.0))


@rule("6.16")
def test_littles_quantities_are_measured_each_for_itself(judge: Judge) -> None:
    expect(judge, summarize(STAYS, 0.0, 8.0), [1.75, 0.5, 3.5], "I13")
    expect(judge, summarize(STAYS[::-1], 2.0, 6.0), [1.75, 0.25, 6.0], "I13")
    expect(judge, summarize(STAYS, 4.0, 6.0), [1.0, 0.0, 0.0], "I13")
    expect(judge, summarize(STAYS, 8.0, 10.0), [0.0, 0.0, 0.0], "I13")
    expect(judge, summarize(STAYS[:1], -4.0, 4.0), [0.5, 0.125, 4.0], "I13")
    judge.check(summarize(STAYS, 3.0, 3.0))
    judge.check(summarize([(1.0, 0.5)], 0.0, 2.0))


@rule("6.17")
def test_the_mean_wait_follows_pollaczek_and_khinchine(judge: Judge) -> None:
    expect(judge, wait(0.5, [1.0]), 0.5, "I14")
    expect(judge, wait(0.5, [0.5, 1.5]), 0.625, "I14")
    expect(judge, wait(0.25, [1.0, 1.0, 1.0, 5.0]), 1.75, "I14")
    expect(judge, wait(0.0, [3.0]), 0.0, "I14")
    judge.check(wait(1.0, [1.0]))
    judge.check(wait(2.0, [0.25, 1.0]))
    judge.check(wait(-1.0, [1.0]))
    judge.check(wait(1.0, []))


@rule("6.18")
def test_the_mean_time_in_a_batch_follows_the_product_form(judge: Judge) -> None:
    # A batch of one is M/M/1 in product form: 10 (a + b) is the service, 5 s at load 1/2 make 10 s.
    expect(judge, sojourn(0.1, 10.0, 0.25, 0.25, 1), 10.0, "I14", 1e-6)
    # With a = 0 the server is shared evenly, whatever its batch: the same law, 10 b / (1 - load).
    expect(judge, sojourn(0.1, 10.0, 0.0, 0.5), 10.0, "I14", 1e-6)
    expect(judge, sojourn(0.15, 10.0, 0.0, 0.5), 20.0, "I14", 1e-6)
    # Two in a batch: p(n) of M/M/2 where b is nothing beside a, so that 10 a / (1 - load^2).
    expect(judge, sojourn(0.1, 10.0, 1.0, 1e-9, 2), 10.0 / (1 - 0.25), "I14", 1e-6)
    expect(judge, sojourn(0.0, 100.0, 0.25, 0.25), 50.0, "I14")
    judge.check(sojourn(0.2, 10.0, 0.0, 0.5))
    judge.check(sojourn(0.11, 10.0, 1.0, 0.5, 2))
    judge.check(sojourn(-0.1, 10.0, 1.0, 0.5, 2))
    judge.check(sojourn(0.1, 0.0, 1.0, 0.5, 2))
