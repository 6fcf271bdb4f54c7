"""The hidden rules of stage 3. They judge by the oracle, so any difference counts."""

from __future__ import annotations

from typing import Any

from stage3.generate import POISON, programs, random_batch, random_cache, random_elements
from stage3.layouts import HND, ORDERS, PER_HEAD, lay_out
from stage3.operations import (
    batch,
    cache,
    element,
    elements,
    find_element,
    gather,
    owner,
    split_all,
    write,
    write_ones,
)
from stage3.oracle import Oracle

from autograder.judge.rules import Judge, rule
from autograder.program.model import Program

TABLE = [[5, 2, 7], [1, 9, 4], [8, 3, 6]]
HUGE = (80, 2, 40_000, 16, 8, 128)
"""A cache of 10^11 elements: 210 GB at two bytes each, which nobody allocates here."""


@rule("3.7")
def test_a_table_is_read_through_its_strides_and_unused_entries_are_not_read(judge: Judge) -> None:
    p = POISON
    strided = [[5, p, 2, p], [7, p, 1, p]]
    judge.check(batch(strided, [5, 2], [0, 3, 4, 5, 7, 6, 1], 4, 2, 2), against=Oracle)
    judge.check(batch([[5, 2, p], [7, 1, p]], [2, 2], [7, 0, 4, 3], 4, 2), against=Oracle)
    judge.check(batch([[5, p, p], [p, p, p], [7, 1, p]], [1, 0, 2], [3, 5, 2], 4), against=Oracle)
    judge.check(batch([[0, -1], [1 << 30, -1]], [2, 1], [2, 1, 3], 4), against=Oracle)
    judge.check_all(programs(judge.new_seed(), random_batch, fixed=30), against=Oracle)


@rule("3.8")
def test_a_batch_that_its_tables_do_not_cover_raises(judge: Judge) -> None:
    judge.check(batch(TABLE, [1, 1], [0, 12], 4), against=Oracle)
    judge.check(batch(TABLE, [1, 1, 1], [12, 0, 0], 4), against=Oracle)
    judge.check(batch(TABLE, [2, 0, 1], [3, -1, 0], 4), against=Oracle)
    judge.check(batch([[5, 2, 7, 1]], [1], [8], 4, columns=2), against=Oracle)
    judge.check(batch([[5, 2, 7, 1]], [1], [8], 4, columns=2, step=2), against=Oracle)
    judge.check(batch(TABLE, [1, 1, 1, 1], [0, 1, 2, 3], 4), against=Oracle)
    judge.check(batch(TABLE, [1, 0, 0, 0], [0], 4), against=Oracle)
    judge.check(batch(TABLE, [1], [0], 0), against=Oracle)
    judge.check(split_all([3], 0), against=Oracle)


@rule("3.10")
def test_element_offsets_beyond_32_bits_are_exact(judge: Judge) -> None:
    for layout in (lay_out(HUGE), lay_out(HUGE, HND), lay_out(HUGE, PER_HEAD, gap=64)):
        last = layout.slots - 1
        judge.check(element(layout, 79, 1, last, 7, 127), against=Oracle)
        judge.check(find_element(layout, layout.of_slot(79, 1, last, 7, 127)), against=Oracle)
        judge.check(find_element(layout, layout.of_slot(41, 0, 12_345, 3, 77)), against=Oracle)
        slots = [0, 15, 16, 131_071, 131_072, 300_000, -1, last]
        for dtype in ("int32", "int64"):
            judge.check(elements(layout, 0, 0, slots, dtype), against=Oracle)
            judge.check(elements(layout, 79, 1, slots, dtype), against=Oracle)


@rule("3.13")
def test_what_lies_at_an_offset_is_found_in_every_layout(judge: Judge) -> None:
    for order in ORDERS:
        for shape in ((2, 2, 3, 4, 1, 5), (1, 2, 4, 1, 3, 2), (3, 2, 1, 2, 2, 1)):
            layout = lay_out(shape, order)
            for place in (0, 1, 7, layout.last // 2, layout.last):
                judge.check(find_element(layout, place), against=Oracle)
            judge.check(find_element(layout, layout.last + 1), against=Oracle)
            judge.check(find_element(layout, -1), against=Oracle)
    gaps = lay_out((2, 2, 3, 2, 2, 2), HND, gap=1)
    judge.check_all(((find_element(gaps, place),) for place in range(40)), against=Oracle)
    judge.check_all(programs(judge.new_seed(), random_elements, fixed=20), against=Oracle)


@rule("3.18")
def test_any_layout_can_be_written_and_read(judge: Judge) -> None:
    shape = (2, 2, 3, 4, 2, 3)
    for order in ORDERS:
        for gap in (0, 1):
            start = (cache(shape, order, gap, start=3), write(1, [5, 11, -1, 0], 1, fused=True))
            judge.check(*start, gather(1, [0, 5, -1, 11]), gather(0, [5]), against=Oracle)
    judge.check_all(programs(judge.new_seed(), random_cache, fixed=20), against=Oracle)


@rule("3.19")
def test_a_write_or_read_that_does_not_fit_raises_and_changes_nothing(judge: Judge) -> None:
    start, fits = cache((2, 2, 4, 3, 2, 2)), [2, 2, 2]
    for slots in ([0, 12], [12, 0], [0, -2], [-1, 1 << 40]):
        judge.check(start, write(0, slots, 1), against=Oracle)
        judge.check(start, gather(0, slots), against=Oracle)
    for layer in (2, -1):
        judge.check(start, write(layer, [0, 5], 1), against=Oracle)
        judge.check(start, gather(layer, [0, 5]), against=Oracle)
    for wrong in ([1, 2, 2], [3, 2, 2], [2, 1, 2], [2, 2, 1], [2, 4], [2, 1, 2, 2]):
        judge.check(start, write_ones(0, [0, 5], fits, wrong, "float32"), against=Oracle)
        judge.check(start, write_ones(0, [0, 5], wrong, fits, "float32"), against=Oracle)
    judge.check(start, write_ones(0, [0, 5], fits, fits, "float16"), against=Oracle)
    judge.check(start, write_ones(0, [0, 5], fits, fits, "int64"), against=Oracle)


@rule("3.20")
def test_translation_and_its_inverse_are_the_identity(judge: Judge) -> None:
    for program in programs(judge.new_seed(), random_batch, fixed=12):
        args: dict[str, Any] = dict(program[0].args)
        rows, size = [row[:: args["step"]] for row in args["table"]], args["block_size"]
        slots = judge.check(*program, against=Oracle)[0].result["values"]  # type: ignore[index, call-overload]
        back: Program = (split_all(slots, size),)
        blocks, offsets = (part["values"] for part in judge.check(*back, against=Oracle)[0].result)  # type: ignore[union-attr, index, call-overload]
        tokens = [r for r, length in enumerate(args["lengths"]) for _ in range(length)]
        held = [0] * len(rows)
        for token, request in enumerate(tokens):
            position = rows[request].index(blocks[token]) * size + offsets[token]
            held[request] = max(held[request], position + 1)
            if position != args["positions"][token]:
                wanted = f"token {token}: position {args['positions'][token]}"
                judge.fail(back, 0, "I6", wanted, f"position {position}")
        for token in range(0, len(tokens), 3):
            judge.check(owner(slots[token], rows, held, size), against=Oracle)
