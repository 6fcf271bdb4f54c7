"""Groups A and C, public: positions, slots and their owners, one at a time."""

from __future__ import annotations

from stage3.operations import locate, owner, split, translate

from autograder.judge.rules import Judge, rule


@rule("3.1")
def test_a_position_is_split_into_a_logical_block_and_an_offset(judge: Judge) -> None:
    judge.check_all((locate(position, 4),) for position in (0, 1, 3, 4, 5, 7, 8, 401))
    judge.check_all((locate(position, 5),) for position in (4, 5, 6))
    judge.check(locate(9, 1))
    judge.check(locate(-1, 4))
    judge.check(locate(0, 0))


@rule("3.2")
def test_a_slot_is_split_into_a_physical_block_and_an_offset(judge: Judge) -> None:
    judge.check_all((split(slot, 4),) for slot in (0, 3, 4, 5, 7, 8, 401))
    judge.check_all((split(slot, 5),) for slot in (4, 5, 6))
    judge.check(split(9, 1))
    judge.check(split(-1, 4))
    judge.check(split(0, 0))


@rule("3.3")
def test_the_block_table_leads_each_position_to_its_slot(judge: Judge) -> None:
    judge.check_all((translate(position, [5, 2, 7], 4),) for position in range(12))
    judge.check_all((translate(position, [3, 0, 9], 5),) for position in (0, 4, 5, 9, 10))
    judge.check(translate(0, [1 << 40], 1))
    judge.check(translate(12, [5, 2, 7], 4))
    judge.check(translate(-1, [5, 2, 7], 4))
    judge.check(translate(0, [], 4))


@rule("3.4")
def test_the_owner_of_a_slot_is_found(judge: Judge) -> None:
    tables, tokens = [[5, 2], [7, 3]], [6, 8]
    judge.check_all((owner(slot, tables, tokens, 4),) for slot in (8, 9, 10, 12, 15, 20, 23, 28))
    judge.check_all((owner(slot, tables, tokens, 4),) for slot in (0, 4, 11, 16, 1000))
    judge.check(owner(-1, tables, tokens, 4))
