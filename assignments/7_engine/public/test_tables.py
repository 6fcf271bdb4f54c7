"""Group B: block tables from step to step."""

from __future__ import annotations

from stage7.operations import P, execute, request, runner

from autograder.judge.rules import Judge, rule


@rule("7.6")
def test_new_blocks_stand_behind_a_requests_table(judge: Judge) -> None:
    grow = [execute({"a": (at, 1, [12 - at // P] if at % P == 0 else [])}) for at in range(3, 14)]
    judge.check(runner(), request("a", 3), execute({"a": (0, 3, [5])}, new="a"), *grow)
    judge.check(
        *(runner(), request("a", 20), execute({"a": (0, 3, [5])}, new="a")),
        *(execute({"a": (3, 10, [9, 2, 7])}), execute({"a": (13, 7, [1])})),
    )


@rule("7.8")
def test_a_request_that_is_resumed_has_a_new_table(judge: Judge) -> None:
    two = (runner(), request("a", 6), request("b", 7))
    judge.check(
        *(*two, execute({"a": (0, 6, [4, 2]), "b": (0, 7, [9, 5])}, new="ab")),
        execute({"a": (6, 1, [])}, preempted="b"),
        execute({"a": (7, 1, []), "b": (0, 8, [1, 12])}, resumed="b"),
        *(execute({"b": (8, 1, [5]), "a": (8, 1, [9])}), execute({"b": (9, 1, [])})),
    )
    judge.check(
        *(*two, execute({"a": (0, 6, [4, 2]), "b": (0, 7, [9, 5])}, new="ab")),
        *(execute(preempted="ab"), execute({"b": (0, 8, [2, 4])}, resumed="b")),
        execute({"a": (0, 7, [5, 9]), "b": (8, 1, [3])}, resumed="a"),
    )
