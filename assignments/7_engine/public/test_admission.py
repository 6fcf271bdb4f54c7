"""Group G, public: what is refused, and the numbers of stats()."""

from __future__ import annotations

from stage7.generate import traffic
from stage7.operations import add, engine, process, processor, run, step

from autograder.judge.rules import Judge, rule


@rule("7.27")
def test_what_cannot_be_served_is_refused_and_changes_nothing(judge: Judge) -> None:
    judge.check(
        *(engine(6, 16, 2, max_model_len=40), add("a", 5, 4), step(), add("a", 2, 2)),
        *(add("b", []), add("c", [1, 64]), add("d", [-1]), add("e", 40), add("f", 18, 4)),
        *(add("g", 18, 3), add("b", 3, 2), run()),
    )
    judge.check(engine(40), add("a", 256), add("b", 255, 1), add("c", [1.0]), add("d", 3), run())
    for settings in ({"num_blocks": 1}, {"max_model_len": 257}):
        judge.check(engine(**settings, refused="no engine can be made of this"))


@rule("7.28")
def test_admission_knows_its_limits_to_the_token(judge: Judge) -> None:
    judge.check(
        *(processor(64, 32, 40), process([3, 1, 2]), process([0, 63]), process([64])),
        *(process([]), process(range(31)), process(range(32)), process([1] * 20, 99)),
        *(process([1, True]), process([1, "2"]), process([2], 1, stop=[5, 3])),
    )
    judge.check(
        *(processor(64, 90, 40), process([1] * 30, 11), process([1] * 30, 12)),
        *(process([1] * 40, 1), process([1] * 41, 1), process([1] * 39, 2)),
    )


@rule("7.30")
def test_the_numbers_of_stats_add_up(judge: Judge) -> None:
    judge.check(
        *(engine(8, 8, 2), add("a", 9, 8), add("b", 6, 8), step(), add("c", 3, 3), run()),
        *(add("a", 4, 2), run()),
    )
    judge.check_all(traffic(judge.new_seed(), 2, tight=True, enable_prefix_caching=True))
