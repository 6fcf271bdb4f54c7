"""Group G, public: the order under each policy."""

from __future__ import annotations

from stage5.language import add, arrive, leave, new, policy, rank, serve, step, steps

from autograder.judge.rules import Judge, rule


@rule("5.26")
def test_urgency_age_and_deadlines_order_requests(judge: Judge) -> None:
    many = (
        arrive("a", at=3, priority=1, deadline=40),
        arrive("b", at=1, priority=2, deadline=20),
        arrive("c", at=12, priority=0),
        arrive("d", at=2, priority=1, deadline=40),
        arrive("e", at=30, priority=0, deadline=31),
    )
    for kind in ("fcfs", "priority", "aging", "sla"):
        judge.check(policy(kind), *many, rank("a", "b", "c", "d", "e"), rank("e", "c"))
    judge.check(policy("bad_aging"))
    for kind in ("priority", "sla"):
        judge.check(
            *(new(5, 16, 2, policy=kind), add("a", 7, 9, at=0, priority=2, deadline=90)),
            *(add("b", 7, 5, at=1, priority=1, deadline=50), step()),
            *(add("c", 7, 3, at=2, priority=0, deadline=10), *steps(30)),
        )


@rule("5.27")
def test_the_client_that_was_served_least_comes_first(judge: Judge) -> None:
    two = (arrive("a", at=0, client="x"), arrive("b", at=1, client="y"))
    third = arrive("c", at=2, client="x")
    judge.check(
        policy("fair"), *two, third, rank("a", "b", "c"), serve("a", 5), rank("a", "b", "c")
    )
    judge.check(policy("fair"), *two, serve("a", 5), serve("b", 7), third, rank("a", "b", "c"))
    judge.check(policy("fair"), *two, serve("a", 5), serve("b", 5), third, rank("b", "c"))
    judge.check(
        *(new(60, 8, 2, policy="fair"), *(add(name, 6, 3, at=0, client="x") for name in "abcd")),
        *(add("e", 6, 3, at=9, client="y"), add("f", 6, 3, at=9, client="y"), *steps(16)),
    )
    judge.check(policy("fair"), *two, serve("a", 5), leave("a"), third, rank("b", "c"))
