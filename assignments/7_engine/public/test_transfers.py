"""Group C, public: what is moved between device and host, and copied on the device."""

from __future__ import annotations

from stage7.operations import execute, fork, request, runner

from autograder.judge.rules import Judge, rule


@rule("7.10")
def test_what_was_swapped_out_comes_back_keys_and_values_of_all_layers(judge: Judge) -> None:
    judge.check(
        *(runner(host=5), request("a", 6), request("b", 7)),
        execute({"a": (0, 6, [4, 2]), "b": (0, 7, [9, 5])}, new="ab"),
        execute({"a": (6, 1, [])}, preempted="b", swap_out=[(9, 3), (5, 1)]),
        execute({"a": (7, 1, [])}),
        execute({"b": (7, 1, [1, 12])}, resumed="b", swap_in=[(3, 1), (1, 12)]),
        execute({"b": (8, 1, [6]), "a": (8, 1, [7])}),
    )
    judge.check(
        *(runner(host=5), request("a", 3), execute({"a": (0, 3, [4])}, new="a")),
        *(execute(preempted="a", swap_out=[(4, 5)]), execute()),
        execute({"a": (3, 1, [4])}, resumed="a", swap_in=[(5, 4)]),
    )


@rule("7.12")
def test_a_shared_block_is_copied_before_it_is_written_and_the_copy_takes_its_place(
    judge: Judge,
) -> None:
    begin = (runner(), request("a", 6), execute({"a": (0, 6, [4, 2])}, new="a"))
    judge.check(
        *(*begin, fork("a", "b", seed=5)),
        execute({"a": (6, 1, [9]), "b": (6, 1, [])}, copies=[(2, 9)]),
        execute({"b": (7, 1, []), "a": (7, 1, [])}),
    )
    judge.check(
        *(*begin, fork("a", "b", seed=5), fork("a", "c", seed=6)),
        execute({"a": (6, 1, [9]), "b": (6, 1, [8]), "c": (6, 1, [])}, copies=[(2, 9), (2, 8)]),
        execute({"b": (7, 1, []), "a": (7, 1, []), "c": (7, 1, [])}),
        execute({"c": (8, 1, [1]), "b": (8, 1, [3])}),
    )
    # Somebody else grows in the step in which one copies.
    judge.check(
        *(*begin, request("d", 4), execute({"d": (0, 4, [11])}, new="d"), fork("a", "b", seed=5)),
        execute({"a": (6, 1, [9]), "d": (4, 1, [12]), "b": (6, 1, [])}, copies=[(2, 9)]),
    )
    # Copied, and one more behind it, in one step.
    judge.check(
        *(runner(), request("a", 9), execute({"a": (0, 2, [4])}, new="a"), fork("a", "b", seed=5)),
        execute({"a": (2, 7, [9, 3, 5])}, copies=[(4, 9)]),
        execute({"b": (2, 3, [7])}),
    )
