"""Performance, in work."""

from __future__ import annotations

from autograder.judge.rules import Judge, rule


@rule("5.P1")
def test_p1(judge: Judge) -> None:
    pass


@rule("5.P2")
def test_p2(judge: Judge) -> None:
    pass


@rule("5.P3")
def test_p3(judge: Judge) -> None:
    pass


@rule("5.P4")
def test_p4(judge: Judge) -> None:
    pass


@rule("5.P5")
def test_p5(judge: Judge) -> None:
    pass


@rule("5.P6")
def test_p6(judge: Judge) -> None:
    pass
