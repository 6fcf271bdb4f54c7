"""Group D, public: where elements lie."""

from __future__ import annotations

from stage3.layouts import HND, NAMES, NHD, PER_BLOCK, lay_out
from stage3.operations import contiguous, element, elements, view

from autograder.judge.rules import Judge, rule

SHAPE = (2, 2, 5, 4, 3, 8)


@rule("3.11")
def test_a_contiguous_layout_has_its_axes_in_the_order_asked_for(judge: Judge) -> None:
    for order in (NHD, HND, PER_BLOCK, tuple(reversed(NHD))):
        names = [NAMES[axis] for axis in order]
        judge.check(contiguous(SHAPE, names))
        judge.check(contiguous((1, 2, 7, 3, 1, 5), names))
    judge.check(contiguous(SHAPE, ("layer", "kv", "block", "offset", "head")))
    judge.check(contiguous(SHAPE, ("layer", "kv", "block", "offset", "head", "head")))
    judge.check(contiguous((2, 2, 5, 0, 3, 8), NAMES))


@rule("3.12")
def test_an_element_lies_where_the_strides_say(judge: Judge) -> None:
    for layout in (lay_out(SHAPE), lay_out(SHAPE, HND), lay_out(SHAPE, PER_BLOCK, gap=3)):
        judge.check(element(layout, 0, 0, 0, 0, 0))
        judge.check(element(layout, 1, 0, 4, 0, 0))
        judge.check(element(layout, 0, 1, 3, 2, 0))
        judge.check(element(layout, 1, 1, 19, 2, 7))
        judge.check(elements(layout, 0, 0, [0, 3, 4, 19], "int64"))
        judge.check(elements(layout, 1, 1, [17, -1, 5, 5], "int64"))
    judge.check(elements(lay_out(SHAPE), 0, 0, [], "int64"))
    judge.check(element(lay_out(SHAPE), 0, 0, 20, 0, 0))
    judge.check(element(lay_out(SHAPE), 0, 0, -1, 0, 0))
    judge.check(element(lay_out(SHAPE), 2, 0, 0, 0, 0))
    judge.check(element(lay_out(SHAPE), 0, -1, 0, 0, 0))
    judge.check(elements(lay_out(SHAPE), -1, 0, [0], "int64"))


@rule("3.14")
def test_a_view_shows_the_memory_itself(judge: Judge) -> None:
    for layout in (lay_out(SHAPE), lay_out(SHAPE, HND), lay_out(SHAPE, PER_BLOCK, gap=1)):
        judge.check(view(layout, layout.last + 1))
        judge.check(view(layout, layout.last + 9))
        judge.check(view(layout, layout.last))
