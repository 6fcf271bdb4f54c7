"""Group C, public: misuse."""

from __future__ import annotations

from stage1.language import free, get, new

from autograder.judge.rules import Judge, rule


@rule("1.8")
def test_a_double_free_raises_and_changes_nothing(judge: Judge) -> None:
    judge.check(new(4), get("a", 2), free("a[0]"), free("a[0]"))
    judge.check(new(4), get("a", 2), free("a[0]", "a[0]"))
    judge.check(new(4), get("a", 3), free("a[1]"), free("a[2]", "a[1]", "a[0]"))
