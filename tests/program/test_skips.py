"""That an operation was skipped is believed only where something that it names is missing."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.program.model import Observation, Op, Program
from autograder.program.skips import unexcused_skip

SKIPPED = Observation(skipped=True)
RAISED = Observation(error="OutOfBlocks")
START = Op("new")


def references(op: Op) -> Iterator[str]:
    yield from str(op.args.get("of", "")).split()


def get(name: str) -> Op:
    return Op("get", {"size": 2}, binds=name)


def use(*names: str) -> Op:
    return Op("use", {"of": " ".join(names), "label": "a"})


def brought(*ids: int) -> Observation:
    return Observation(result=list(ids))


def unexcused(program: Program, *seen: Observation) -> int | None:
    finding = unexcused_skip(program, list(seen), references)
    return None if finding is None else finding.index


def test_what_was_run_needs_no_excuse() -> None:
    assert (
        unexcused((START, get("a"), use("a[0]")), Observation(), brought(1), Observation()) is None
    )


def test_the_first_operation_is_always_run() -> None:
    assert unexcused((START, get("a")), SKIPPED, SKIPPED) == 0


def test_an_operation_that_names_nothing_is_always_run() -> None:
    assert unexcused((START, use()), Observation(), SKIPPED) == 1


def test_an_operation_is_run_if_all_that_it_names_is_there() -> None:
    program = (START, get("a"), get("b"), use("a[1]", "b[0]"))
    assert unexcused(program, Observation(), brought(1, 2), brought(3), SKIPPED) == 3


def test_without_a_start_everything_may_be_skipped() -> None:
    assert unexcused((START, get("a"), use()), RAISED, SKIPPED, SKIPPED) is None


def test_a_name_whose_operation_raised_is_missing() -> None:
    assert unexcused((START, get("a"), use("a[0]")), Observation(), RAISED, SKIPPED) is None


def test_a_name_whose_operation_was_skipped_is_missing() -> None:
    program = (START, get("a"), Op("get", {"of": "a[0]"}, binds="b"), use("b[0]"))
    assert unexcused(program, Observation(), RAISED, SKIPPED, SKIPPED) is None


def test_an_item_beyond_the_list_is_missing() -> None:
    program = (START, get("a"), use("a[2]"))
    assert unexcused(program, Observation(), brought(1, 2), SKIPPED) is None
    assert unexcused(program, Observation(), brought(1, 2, 3), SKIPPED) == 2


def test_an_item_of_what_is_no_list_is_missing() -> None:
    seen = Observation(result={"type": "Block"})
    assert unexcused((START, get("a"), use("a[0]")), Observation(), seen, SKIPPED) is None


def test_a_name_that_is_bound_later_or_never_is_missing() -> None:
    program = (START, use("a[0]"), get("a"), use("z[0]"))
    assert unexcused(program, Observation(), SKIPPED, brought(1), SKIPPED) is None


def test_a_name_means_what_was_bound_last() -> None:
    program = (START, get("a"), get("a"), use("a[0]"))
    assert unexcused(program, Observation(), RAISED, brought(1), SKIPPED) == 3
    assert unexcused(program, Observation(), brought(1), brought(), SKIPPED) is None


def test_one_missing_name_is_excuse_enough() -> None:
    program = (START, get("a"), get("b"), use("a[0]", "b[0]"))
    assert unexcused(program, Observation(), brought(1), RAISED, SKIPPED) is None


def test_a_result_that_is_no_list_goes_by_its_name_alone() -> None:
    program = (START, get("h"), use("h"))
    assert unexcused(program, Observation(), Observation(result="ab"), SKIPPED) == 2
    assert unexcused(program, Observation(), RAISED, SKIPPED) is None
    assert unexcused(program, Observation(), Observation(result={"type": "str"}), SKIPPED) is None


def test_the_first_unexcused_skip_is_told() -> None:
    program = (START, get("a"), use("a[9]"), use("a[0]"), use("a[0]"))
    finding = unexcused_skip(
        program, [Observation(), brought(1), SKIPPED, SKIPPED, SKIPPED], references
    )
    assert finding is not None and finding.index == 3
    assert finding.violation.invariant == ""
    assert "run" in finding.violation.expected and "not run" in finding.violation.observed
