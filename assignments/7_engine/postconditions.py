"""What one step must show: the pass, the memory, the tokens. For runners and engines alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stage7.state import Call, Plan, Segment
from stage7.world import Print, World

from autograder.program.model import Violation

LOGIT_TOLERANCE = 1e-3
"""Of a logit. Rounding makes 1e-5; the smallest of the usual mistakes makes 0.1."""
PRINT_TOLERANCE = 2e-3


def check_pass(world: World, plan: Plan, calls: Sequence[Call]) -> Iterator[Violation]:
    """One pass over the plan's tokens, and nothing else; through the cache, with right tables."""
    due = 1 if plan.counts else 0
    if len(calls) != due:
        yield Violation("I1", f"{due} forward passes", f"{len(calls)}")
        return
    for call in calls:
        yield from _check_call(world, plan, call)


def _check_call(world: World, plan: Plan, call: Call) -> Iterator[Violation]:
    if not call.through_cache:
        text = "some layer did not write and read by the backend, or with other tables"
        yield Violation("I3", "every layer writes to the paged cache, then attends by it", text)
        return
    left = list(call.segments)
    for name in plan.counts:
        due = world.segment(name, plan)
        found = _find(due, left)
        if found is None:
            yield _difference(name, due, left)
            return
        left.remove(found)
        yield from _check_logits(world, name, call, found)
    if left:
        yield Violation("I1", "tokens of the plan's requests", f"others, too: {left[0].tokens}")


def _find(due: Segment, segments: Sequence[Segment]) -> Segment | None:
    alike = (due.tokens, due.positions, due.slots, due.length, due.table)
    for one in segments:
        if (one.tokens, one.positions, one.slots, one.length, one.table) == alike:
            return one
    return None


def _difference(name: str, due: Segment, segments: Sequence[Segment]) -> Violation:
    """The violation that says best what is wrong with a request's part of the batch."""
    same = [one for one in segments if one.tokens == due.tokens] or list(segments)
    if not same:
        return Violation("I1", f"{name} computes {due.tokens}", "it is not in the batch")
    one = max(same, key=lambda other: (other.positions == due.positions, other.slots == due.slots))
    if one.tokens != due.tokens:
        return Violation("I1", f"{name} computes the tokens {due.tokens}", f"{one.tokens}")
    if one.positions != due.positions:
        return Violation("I1", f"{name} computes the positions {due.positions}", f"{one.positions}")
    if one.length != due.length:
        return Violation("I3", f"attention sees {due.length} tokens of {name}", f"{one.length}")
    if one.table != due.table:
        return Violation("I4", f"the block table of {name} is {due.table}", f"{one.table}")
    return Violation("I2", f"{name} writes to the slots {due.slots}", f"{one.slots}")


def _check_logits(world: World, name: str, call: Call, found: Segment) -> Iterator[Violation]:
    if not world.is_complete(name):
        return
    last = found.first + len(found.tokens) - 1
    if last not in call.rows:
        yield Violation(
            "I7", f"the logits of the last token of {name} are asked for", "they are not"
        )
        return
    seen = call.rows[last]
    due = world.plain.sketch(name, world.computed[name] - 1)
    if seen is None or len(seen) != len(due):
        yield Violation("I8", f"logits of {name} are numbers", "NaN: KV of nobody's was read")
        return
    worst = max(abs(one - other) for one, other in zip(seen, due, strict=True))
    if worst > LOGIT_TOLERANCE:
        expected = f"logits of {name} within {LOGIT_TOLERANCE} of the plain implementation's"
        yield Violation("I8", expected, f"they are {worst:.3g} off")


def check_memory(world: World, state: Mapping[str, Any], rule: str = "I2") -> Iterator[Violation]:
    """Every slot holds what it should, on the device and on the host.

    Args:
        world: says what.
        state: as the driver saw it.
        rule: that is broken if not: I6 after transfers.
    """
    for where, name, due in (
        ("", "kv_cache", world.device),
        ("host ", "host_kv_cache", world.host),
    ):
        if name not in state:
            continue
        shown = state[name]
        if not isinstance(shown, list) or len(shown) != len(due):
            yield Violation(rule, f"{name} has {len(due)} blocks", "another number")
            return
        for block, (seen, slots) in enumerate(zip(shown, due, strict=True)):
            for offset, (has, wants) in enumerate(zip(seen, slots, strict=True)):
                if not _alike(has, wants):
                    place = f"slot {offset} of {where}block {block}"
                    told = "what was there before" if wants is None else "its token's KV"
                    yield Violation(rule, f"{place} holds {told}", "it holds something else")
                    return


def _alike(has: Any, wants: Print) -> bool:
    if wants is None or not isinstance(has, list):
        return has is None and wants is None
    return len(has) == len(wants) and all(
        abs(one - other) <= PRINT_TOLERANCE for one, other in zip(has, wants, strict=True)
    )


def check_token(world: World, name: str, token: object) -> Iterator[Violation]:
    """A token that was drawn for a request whose tokens are all computed."""
    position = len(world.tokens[name])
    due = world.plain.draws(name, position, world.params[name])
    if type(token) is not int or token not in due:
        expected = f"the token at position {position} of {name} is {due[0]}"
        yield Violation("I7", expected, f"{token}")
