"""What one step must do, seen from outside: one predicate for each thing that it may get wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from stage5.driver_runner import P
from stage5.order import Order
from stage5.preemptions import kept, preempted, same, swapped, victims
from stage5.state import PREEMPTED, RUNNING, WAITING, State
from stage5.step import Step, blocks_for

from autograder.program.model import Violation


def limits(step: Step) -> Iterator[Violation]:
    """Budget and number of running requests."""
    total, most = sum(step.plan.tokens.values()), step.config.tokens
    if total > most:
        yield Violation("I1", f"at most {most} tokens", f"{total} tokens scheduled")
    running = len(step.after.having(RUNNING))
    if running > step.config.seqs:
        yield Violation("I1", f"at most {step.config.seqs} requests run", f"{running} run")


def tokens(step: Step) -> Iterator[Violation]:
    """Each request's next tokens, and nothing else."""
    for name, count in step.plan.tokens.items():
        now = step.after.requests.get(name)
        if now is None or now.status != RUNNING:
            yield Violation("I2", "running requests alone are scheduled", f"{name} is scheduled")
            continue
        start = step.plan.computed.get(name, -1)
        if name in step.survivors and start != step.before.requests[name].num_computed:
            due = step.before.requests[name].num_computed
            yield Violation("I2", f"{name} goes on at position {due}", f"it goes on at {start}")
        if count < 1 or start + count > now.num_tokens:
            expected = f"1 ... {now.num_tokens - start} tokens of {name}"
            yield Violation("I2", expected, f"{count} tokens from position {start}")
        if now.num_computed != start + count:
            expected = f"{name}.num_computed_tokens {start + count}"
            yield Violation("I2", expected, f"{now.num_computed}")
    for name in step.survivors:
        if name not in step.plan.tokens:
            yield from same(step, name, "I2")
    if set(step.plan.computed) != set(step.plan.tokens):
        expected = f"num_computed_tokens of {sorted(step.plan.tokens)}"
        yield Violation("I2", expected, f"of {sorted(step.plan.computed)}")


def tables(state: State, blocks: int) -> Iterator[Violation]:
    """Who holds blocks, how many, and that all others are free."""
    for name, one in state.requests.items():
        due = blocks_for(one.num_computed) if one.status == RUNNING else 0
        if len(one.table) != due:
            why = f"{one.num_computed} computed tokens" if one.status == RUNNING else one.status
            rule = "I14" if one.is_finished else "I10" if one.status == PREEMPTED else "I6"
            yield Violation(rule, f"{name} ({why}) holds {due} blocks", f"{len(one.table)}")
    held = len(state.blocks_held)
    if state.free != blocks - held:
        expected = f"{blocks - held} free ({blocks} blocks, {held} in tables)"
        yield Violation("I6", expected, f"{state.free} free")
    running, waiting = len(state.having(RUNNING)), len(state.having(WAITING, PREEMPTED))
    if state.counts != (running, waiting):
        expected = f"get_request_counts() gives ({running}, {waiting})"
        yield Violation("I6", expected, f"{state.counts}")


def passing_over(step: Step) -> Iterator[Violation]:
    """Where one running request gets nothing, none behind it does."""
    hungry = ""
    for name in step.survivors:
        if name not in step.plan.tokens:
            hungry = hungry or name
        elif hungry:
            yield Violation("I5", f"{hungry} gets tokens before {name} does", f"{name} alone does")
            return


def idleness(step: Step, order: Order) -> Iterator[Violation]:
    """Budget is left over only where nobody can use it, now that all have been served."""
    if step.left <= 0:
        return
    for name in step.after.having(RUNNING):
        one = step.after.requests[name]
        if one.num_computed < one.num_tokens:
            lacks = one.num_tokens - one.num_computed
            expected = f"{name} gets the {lacks} tokens that it lacks, or the budget is used up"
            yield Violation("I3", expected, f"{step.left} tokens of the budget are left")
            return
    waiting = step.after.having(WAITING, PREEMPTED)
    running = step.after.having(RUNNING)
    if step.victims or not waiting or len(running) >= step.config.seqs:
        return
    first = order.first(waiting)
    free = step.free_beside(one.table for one in step.after.requests.values())
    free -= step.config.watermark if running else 0
    need = blocks_for(step.after.requests[first].num_tokens)
    if need <= free:
        expected = f"{first} is admitted: it needs at most {need} of {free} blocks"
        yield Violation("I3", expected, f"it waits, and {step.left} tokens of the budget are left")


def reported(step: Step) -> Iterator[Violation]:
    """The plan's sets."""
    statuses = {name: step.before.requests[name].status for name in step.admitted}
    due: Mapping[str, tuple[frozenset[str], Iterable[str]]] = {
        "scheduled_new_req_ids": (step.plan.new, [n for n in statuses if statuses[n] == WAITING]),
        "resumed_req_ids": (step.plan.resumed, [n for n in statuses if statuses[n] == PREEMPTED]),
        "preempted_req_ids": (step.plan.preempted, step.victims),
    }
    for what, (found, names) in due.items():
        if found != frozenset(names):
            yield Violation("I11", f"{what} {sorted(names)}", f"{sorted(found)}")
    if step.plan.finished != step.ended:
        expected = f"finished_req_ids {sorted(step.ended)}"
        yield Violation("I14", expected, f"{sorted(step.plan.finished)}")
    for name in step.admitted:
        if name not in step.plan.tokens:
            yield Violation("I11", f"{name} is admitted with its first tokens", "it gets none")


def admissions(step: Step, order: Order) -> Iterator[Violation]:
    """In order, and each with room for all its tokens. Tells the order who was served."""
    for name in step.survivors:
        order.serve(name, max(0, step.plan.tokens.get(name, 0)))
    waiting = step.before.having(WAITING, PREEMPTED)
    held = [step.after.requests[name].table for name in step.survivors]
    left = list(step.admitted)
    while left:
        name = order.first(waiting)
        if name not in left:
            yield Violation("I4", f"{name} comes first", f"{left} admitted, and {name} is not")
            return
        yield from _admission(step, name, held)
        held.append(step.after.requests[name].table)
        order.serve(name, max(0, step.plan.tokens.get(name, 0)))
        waiting.remove(name)
        left.remove(name)


def _admission(step: Step, name: str, held: list[tuple[int, ...]]) -> Iterator[Violation]:
    now = step.after.requests[name]
    rest = blocks_for(now.num_tokens) - len(now.table)
    free = step.free_beside([*held, now.table]) - rest
    watermark = step.config.watermark if held else 0
    if free < watermark:
        expected = (
            f"{name} waits: with all its {now.num_tokens} tokens, {free} blocks would be free"
        )
        wanted = f", and {watermark} must be" if watermark else ""
        yield Violation("I9", expected + wanted, f"{name} is admitted")
    start = step.plan.computed.get(name, 0)
    if name not in step.on_host and not (start % P == 0 and 0 <= start < now.num_tokens):
        expected = f"{name} begins at a full block, and with a token to compute"
        yield Violation("I16", expected, f"it begins at position {start} of {now.num_tokens}")
    first = step.before.requests[name].status == WAITING
    due = start if first else step.before.requests[name].num_cached
    if now.num_cached != due:
        yield Violation("I16", f"{name}.num_cached_tokens {due}", f"{now.num_cached}")


POSTCONDITIONS: tuple[Callable[[Step], Iterator[Violation]], ...] = (
    limits,
    tokens,
    preempted,
    victims,
    passing_over,
    kept,
    reported,
    swapped,
)
"""What must hold of every step, but for admissions and idleness, which need the order."""
