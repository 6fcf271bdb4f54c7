"""What a preemption must do: whom it takes, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterator

from stage5.state import PREEMPTED, Seen
from stage5.step import Step, blocks_for

from autograder.program.model import Violation


def victims(step: Step) -> Iterator[Violation]:
    """The last ones in the order are preempted, and only if a block is missing."""
    if not step.victims:
        return
    first = step.victims[0]
    behind = [name for name in step.survivors if step.places[name] > step.places[first]]
    if behind:
        yield Violation("I7", f"{behind[-1]} is preempted before {first}", f"{first} is preempted")
        return
    was = step.before.requests[first]
    kept = [step.after.requests[name].table for name in step.survivors]
    shared = bool(was.table) and any(was.table[-1] in table for table in kept)
    want = min(was.num_tokens - was.num_computed, max(0, step.left))
    need = blocks_for(was.num_computed + want) - len(was.table) + shared if want else 0
    free = step.free_beside([*kept, was.table])
    if need <= free:
        expected = f"{first} goes on: all that run have their blocks, and {free} are free"
        yield Violation("I7", expected, f"{first} is preempted")


def preempted(step: Step) -> Iterator[Violation]:
    """What becomes of a victim, and who may not be admitted beside it."""
    for name in step.victims:
        was, now = step.before.requests[name], step.after.requests[name]
        if now.status != PREEMPTED or now.num_preemptions != was.num_preemptions + 1:
            expected = f"{name} is PREEMPTED for the {was.num_preemptions + 1}. time"
            yield Violation("I10", expected, f"{now.status}, {now.num_preemptions} times preempted")
        if now.num_computed != 0:
            yield Violation("I10", f"{name} has 0 computed tokens", f"{now.num_computed}")
    for name in step.admitted if step.victims else ():
        yield Violation("I8", f"nobody is admitted beside {step.victims}", f"{name} is admitted")


def kept(step: Step) -> Iterator[Violation]:
    """Scheduling changes no token, no finished request and no waiting one that stays."""
    for name, was in step.before.requests.items():
        now = step.after.requests.get(name, was)
        if now.outputs != was.outputs:
            yield Violation("I10", f"{name} keeps {list(was.outputs)}", f"{list(now.outputs)}")
        if name not in step.was_running and name not in step.admitted:
            yield from same(step, name, "I10")


def swapped(step: Step) -> Iterator[Violation]:
    """Who goes to the host, who comes back, and by which transfers."""
    room, out = step.before.host_free, []
    for name in reversed(step.victims):
        table = step.before.requests[name].table
        if step.config.host and len(table) <= room:
            room -= len(table)
            out += table
    if sorted(old for old, _ in step.plan.swap_out) != sorted(out):
        yield Violation("I15", f"blocks {sorted(out)} are swapped out", f"{step.plan.swap_out}")
    back = [name for name in step.admitted if name in step.on_host]
    into: list[int] = []
    for name in back:
        table = step.after.requests[name].table
        into += table[: blocks_for(step.on_host[name])]
        room += blocks_for(step.on_host[name])
        if step.plan.computed.get(name) != step.on_host[name]:
            expected = f"{name} goes on at position {step.on_host[name]}, swapped in"
            yield Violation("I15", expected, f"it goes on at {step.plan.computed.get(name)}")
    if sorted(new for _, new in step.plan.swap_in) != sorted(into):
        yield Violation("I15", f"swapped in to blocks {sorted(into)}", f"{step.plan.swap_in}")
    for pairs in (step.plan.swap_out, step.plan.swap_in):
        on_host = [new if pairs is step.plan.swap_out else old for old, new in pairs]
        if len(set(on_host)) != len(on_host) or not all(0 < one for one in on_host):
            yield Violation("I15", "host blocks of their own for all", f"{pairs}")
    if step.after.host_free != room:
        yield Violation("I15", f"{room} host blocks are free", f"{step.after.host_free}")


def same(step: Step, name: str, rule: str) -> Iterator[Violation]:
    was, now = step.before.requests[name], step.after.requests[name]
    if (was.status, was.num_computed, was.num_cached) != (
        *(now.status, now.num_computed, now.num_cached),
    ):
        yield Violation(rule, f"{name} stays as it was: {shown(was)}", shown(now))


def shown(one: Seen) -> str:
    return f"{one.status}, {one.num_computed} computed, {one.num_cached} cached"
