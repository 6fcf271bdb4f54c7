"""What one step must do, seen from outside: one predicate for each thing that it may get wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from stage5.order import Order, Place
from stage5.state import PREEMPTED, RUNNING, WAITING, Plan, Seen, State

from autograder.program.model import Violation

P = 4


@dataclass(frozen=True)
class Config:
    """What the scheduler was made with; `host` counts its blocks, 0 if there is no host."""

    blocks: int
    tokens: int
    seqs: int
    watermark: int
    host: int


@dataclass(frozen=True)
class Step:
    """One scheduled step, before the model's answer is taken in.

    Attributes:
        places: where each unfinished request stands in the order when the step begins.
        on_host: computed tokens of the requests that have been swapped out.
        ended: requests that have finished since the last step was scheduled.
    """

    config: Config
    places: Mapping[str, Place]
    on_host: Mapping[str, int]
    ended: frozenset[str]
    before: State
    plan: Plan
    after: State

    @cached_property
    def was_running(self) -> list[str]:
        """Requests that ran before the step, in order."""
        return sorted(self.before.having(RUNNING), key=self.places.__getitem__)

    @cached_property
    def victims(self) -> list[str]:
        """Of these, those that run no more, in order."""
        running = self.after.having(RUNNING)
        return [name for name in self.was_running if name not in running]

    @cached_property
    def survivors(self) -> list[str]:
        """Of these, those that still run, in order."""
        return [name for name in self.was_running if name not in self.victims]

    @cached_property
    def admitted(self) -> list[str]:
        """Requests that run and did not before."""
        return [name for name in self.after.having(RUNNING) if name not in self.was_running]

    @property
    def left(self) -> int:
        """Tokens of the budget that were not used."""
        return self.config.tokens - sum(self.plan.tokens.values())

    def free_beside(self, tables: Iterable[Iterable[int]]) -> int:
        """Blocks that are free if these tables hold theirs."""
        return self.config.blocks - len({block for table in tables for block in table})


def blocks_for(num_tokens: int) -> int:
    """Blocks that so many tokens take."""
    return -(-num_tokens // P)


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
            yield from _same(step, name, "I2")
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
            yield from _same(step, name, "I10")


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


def _same(step: Step, name: str, rule: str) -> Iterator[Violation]:
    was, now = step.before.requests[name], step.after.requests[name]
    if (was.status, was.num_computed, was.num_cached) != (
        *(now.status, now.num_computed, now.num_cached),
    ):
        yield Violation(rule, f"{name} stays as it was: {_shown(was)}", _shown(now))


def _shown(one: Seen) -> str:
    return f"{one.status}, {one.num_computed} computed, {one.num_cached} cached"


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
