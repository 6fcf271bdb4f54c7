"""The rules, by the programs that all graders of the comparison share."""

from __future__ import annotations

from stage1.checks import PROGRAMS
from stage1.language import program_of

from autograder.judge.rules import Judge, rule


@rule("1.1")
def test_a_new_pool_has_every_slot_free(judge: Judge) -> None:
    judge.check_all(map(program_of, PROGRAMS["1.1"]))


@rule("1.2")
def test_slots_handed_out_are_held_by_nobody(judge: Judge) -> None:
    judge.check_all(map(program_of, PROGRAMS["1.2"]))


@rule("1.3")
def test_taking_is_all_or_nothing(judge: Judge) -> None:
    judge.check_all(map(program_of, PROGRAMS["1.3"]))


@rule("1.4")
def test_slots_given_back_are_free_again(judge: Judge) -> None:
    judge.check_all(map(program_of, PROGRAMS["1.4"]))


@rule("1.5")
def test_giving_back_what_is_not_held_raises(judge: Judge) -> None:
    judge.check_all(map(program_of, PROGRAMS["1.5"]))


@rule("1.6")
def test_all_of_it_in_any_order(judge: Judge) -> None:
    judge.check_all(map(program_of, PROGRAMS["1.6"]))
