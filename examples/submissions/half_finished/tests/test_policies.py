"""Stage 5. Your own tests of the policies. They are graded, too (handout, task 10)."""

from __future__ import annotations

from pagedlab.policies import FCFSPolicy
from pagedlab.request import Request


def test_who_arrived_first_comes_first() -> None:
    policy = FCFSPolicy()
    early, late = Request("b", [1], arrival_time=1.0), Request("a", [1], arrival_time=2.0)
    assert policy.sort_key(early) < policy.sort_key(late)
