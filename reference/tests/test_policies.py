"""Policies by the order that their keys give."""

from __future__ import annotations

import pytest

from pagedlab.policies import (
    FairPolicy,
    FCFSPolicy,
    OwnPolicy,
    PriorityPolicy,
    SchedulingPolicy,
    SLAPolicy,
)
from pagedlab.request import Request


def order(policy: SchedulingPolicy, *requests: Request) -> list[str]:
    """Names in the policy's order."""
    return [one.request_id for one in sorted(requests, key=policy.sort_key)]


def made(name: str, at: float, priority: int = 0, deadline: float = 99.0) -> Request:
    return Request(name, [1], arrival_time=at, priority=priority, deadline=deadline)


def of(client: str, name: str, at: float = 0.0) -> Request:
    return Request(name, [1], arrival_time=at, client=client)


def test_fcfs_looks_at_the_arrival() -> None:
    assert order(FCFSPolicy(), made("a", 2), made("b", 1)) == ["b", "a"]


def test_a_small_priority_is_urgent_and_arrival_breaks_ties() -> None:
    requests = made("a", 1, 2), made("b", 3, 0), made("c", 2, 0)
    assert order(PriorityPolicy(), *requests) == ["c", "b", "a"]


def test_with_age_a_request_becomes_urgent() -> None:
    policy = PriorityPolicy(aging=10.0)
    assert order(policy, made("young", 25, 0), made("old", 0, 2)) == ["old", "young"]
    assert order(policy, made("young", 15, 0), made("old", 0, 2)) == ["young", "old"]


def test_aging_must_be_positive() -> None:
    with pytest.raises(ValueError):
        PriorityPolicy(aging=0.0)


def test_the_earliest_deadline_is_first_then_the_earliest_arrival() -> None:
    requests = made("a", 1, deadline=9), made("b", 2, deadline=5), made("c", 1, deadline=5)
    assert order(SLAPolicy(), *requests) == ["c", "b", "a"]


def test_the_client_that_got_fewer_tokens_is_first() -> None:
    policy, a, b = FairPolicy(), of("x", "a"), of("y", "b", 1)
    policy.on_added(a)
    policy.on_added(b)
    policy.on_scheduled(a, 3)
    policy.on_scheduled(b, 1)
    policy.on_scheduled(b, 1)
    assert order(policy, a, b) == ["b", "a"]


def test_a_new_client_begins_at_the_smallest_counter_of_the_others() -> None:
    policy, a, z, b = FairPolicy(), of("x", "a"), of("z", "z"), of("y", "b", 1)
    policy.on_added(a)
    policy.on_added(z)
    policy.on_scheduled(a, 50)
    policy.on_scheduled(z, 10)
    policy.on_added(b)
    policy.on_scheduled(b, 1)
    assert order(policy, a, b, z) == ["z", "b", "a"]


def test_own_policy_lets_nobody_wait_for_ever() -> None:
    first = Request("a", [1] * 9000, arrival_time=0.0)
    assert order(OwnPolicy(), Request("b", [1], arrival_time=61.0), first) == ["a", "b"]
