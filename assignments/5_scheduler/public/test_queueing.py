"""Group H, public: what the queueing module measures and predicts."""

from __future__ import annotations

from stage5.language import largest, little, log, predict, record, run

from autograder.judge.rules import Judge, rule

PARTS = tuple(map(little, ("system", "queue", "service")))
TWO = (
    *(record(0.0, "a", "arrive"), record(0.5, "b", "arrive"), record(1.0, "a", "admit")),
    *(record(4.0, "a", "finish"), record(4.0, "b", "admit"), record(4.25, "b", "preempt")),
    *(record(6.0, "b", "admit"), record(9.5, "b", "finish")),
)
LATER = (record(8.0, "c", "preempt"), record(10.0, "c", "admit"), record(10.5, "c", "finish"))


@rule("5.30")
def test_littles_law_holds_in_the_log(judge: Judge) -> None:
    judge.check(log(), record(0.0, "a", "arrive"), record(1.0, "a", "admit"), PARTS[1])
    judge.check(log(), *TWO, *PARTS)
    judge.check(log(), record(7.0, "c", "arrive"), record(7.5, "c", "admit"), *LATER, *PARTS)
    judge.check(log(), *PARTS[:1], record(1.0, "a", "arrive"), record(0.5, "b", "arrive"))
    judge.check(log(), *TWO, record(9.5, "a", "arrive"), record(10.0, "c", "admit"), *PARTS)
    judge.check(log(), *TWO[:3], record(2.0, "a", "admit"), record(2.0, "b", "finish"))
    judge.check(log(), record(1.0, "a", "arrive"), record(1.0, "a", "preempt"))


@rule("5.33")
def test_littles_law_holds_in_the_log_of_a_run(judge: Judge) -> None:
    judge.check(run(0.5, 100, blocks=300))
    judge.check(run(0.8, 120, blocks=60))


@rule("5.31")
def test_predictions_follow_from_the_cost_model(judge: Judge) -> None:
    judge.check(largest((50, 12)), largest((1, 1)), largest((3, 7), (400, 2), (9, 100)), largest())
    judge.check(predict(40.0, (50, 12)), predict(90.0, (50, 12)), predict(5.0, (3, 7), (9, 100)))
    judge.check(predict(0.0, (50, 12)), predict(10_000.0, (50, 12)), predict(1.0))
