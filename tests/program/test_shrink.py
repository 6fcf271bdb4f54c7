"""Shrinking gives a failing program that is as short as its kind of failure allows, every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.program.model import Op, Program
from autograder.program.shrink import shrink

START = Op("new", {"size": 50})


def op(name: str, size: int = 0) -> Op:
    return Op(name, {"size": size})


def size_of(one: Op) -> int:
    return int(str(one.args["size"]))


def smaller(one: Op) -> Iterator[Op]:
    for size in sorted({0, 1, size_of(one) // 2, size_of(one) - 1}):
        if 0 <= size < size_of(one):
            yield op(one.name, size)


def nothing_simpler(one: Op) -> Iterator[Op]:
    yield from ()


def contains(*names: str) -> Callable[[Program], bool]:
    """Fails if these operations stand in the program, in this order."""

    def fails(program: Program) -> bool:
        rest = iter(one.name for one in program)
        return all(name in rest for name in names)

    return fails


programs = st.lists(
    st.builds(op, st.sampled_from("abcd"), st.integers(0, 20)), min_size=0, max_size=30
).map(lambda ops: (START, *ops))


@settings(derandomize=True, deadline=None, max_examples=80)
@given(programs, st.text("abcd", max_size=3))
def test_the_result_fails_and_is_the_minimum(program: Program, needle: str) -> None:
    fails = contains(*needle)
    if not fails(program):
        return
    short = shrink(program, fails, smaller, attempts=100_000)
    assert short == (op("new"), *(op(name) for name in needle))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(programs, st.integers(0, 60), st.integers(0, 60))
def test_whatever_fails_the_result_fails_and_starts_the_same(
    program: Program, bar: int, attempts: int
) -> None:
    def fails(candidate: Program) -> bool:
        return sum(map(size_of, candidate[1:])) >= bar

    if not fails(program):
        return
    calls = []

    def counted(candidate: Program) -> bool:
        calls.append(candidate)
        return fails(candidate)

    short = shrink(program, counted, smaller, attempts)
    assert fails(short)
    assert short[0].name == START.name
    assert len(short) <= len(program)
    assert len(calls) <= attempts
    assert all(candidate[0].name == START.name for candidate in calls)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(programs, st.integers(1, 40))
def test_no_operation_of_the_result_can_be_left_out(program: Program, bar: int) -> None:
    def fails(candidate: Program) -> bool:
        return sum(map(size_of, candidate[1:])) >= bar

    if not fails(program):
        return
    short = shrink(program, fails, nothing_simpler, attempts=100_000)
    for index in range(1, len(short)):
        assert not fails(short[:index] + short[index + 1 :])


def test_the_result_is_the_same_every_time() -> None:
    program = (START, *(op(name, index) for index, name in enumerate("abcabcabddcab" * 4)))
    fails = contains("c", "d", "b")
    assert len({repr(shrink(program, fails, smaller)) for _ in range(3)}) == 1


def test_arguments_become_as_simple_as_they_can() -> None:
    def fails(program: Program) -> bool:
        return any(one.name == "a" and size_of(one) >= 6 for one in program)

    short = shrink((START, op("b", 9), op("a", 17), op("a", 3)), fails, smaller)
    assert short == (op("new"), op("a", 6))


def test_what_can_go_once_something_is_simpler_goes_too() -> None:
    def fails(program: Program) -> bool:
        *_, last = program
        return last.name == "a" and len(program) > size_of(last)

    program = (START, op("b"), op("b"), op("b"), op("a", 4))
    assert shrink(program, fails, smaller) == (op("new"), op("a"))


def test_the_first_operation_stays_even_if_nothing_needs_it() -> None:
    assert shrink((START, op("a")), lambda _: True, nothing_simpler) == (START,)
    assert shrink((START,), lambda _: True, nothing_simpler) == (START,)


def test_without_attempts_the_program_stays_as_it_is() -> None:
    program = (START, op("a"), op("b"))

    def never(_: Program) -> bool:
        raise AssertionError("asked in spite of attempts=0")

    assert shrink(program, never, smaller, attempts=0) == program


def test_attempts_bound_the_work_by_default() -> None:
    calls = []

    def fails(candidate: Program) -> bool:
        calls.append(1)
        return False

    shrink((START, *(op("a", 1000) for _ in range(1000))), fails, smaller)
    assert len(calls) == 400


def test_an_error_of_the_predicate_is_not_swallowed() -> None:
    def breaks(_: Program) -> bool:
        raise RuntimeError("the judge's own fault")

    with pytest.raises(RuntimeError):
        shrink((START, op("a")), breaks, smaller)
