"""Stage 6. Given: what a memory for KV is, and a trace replayed on it, step by step.

One loop serves every kind of memory, so that what differs between two replays is the memory alone.
It decides nothing that a scheduler should (stage 5): first come first served, and when the memory
cannot grow, the request that was admitted last is preempted and computed anew later.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Protocol

EXAMPLE_SLOTS, EXAMPLE_MODEL_LEN = 1_966, 256
"""A memory, and the model's longest sequence, to replay `example_trace` with."""


@dataclass(frozen=True)
class Request:
    """One request of a trace, with the lengths that are known in hindsight.

    Attributes:
        request_id: its name.
        num_prompt_tokens: tokens whose KV is stored when it is admitted, at least 1.
        num_output_tokens: tokens that are added one by one, at least 0.
    """

    request_id: str
    num_prompt_tokens: int
    num_output_tokens: int

    @property
    def num_tokens(self) -> int:
        """Tokens at its end."""
        return self.num_prompt_tokens + self.num_output_tokens


class Reservation(StrEnum):
    """How many slots are set aside for a request whose output length nobody knows yet."""

    MAX = "max"
    """As many as the model's longest sequence has."""
    POW2 = "pow2"
    """The prompt, and the next power of two from the true output length on."""
    ORACLE = "oracle"
    """The prompt and the true output length, as if it were known."""


@dataclass(frozen=True)
class Region:
    """Slots `start ... start + num_slots - 1`, side by side, given to one request."""

    start: int
    num_slots: int


@dataclass(frozen=True)
class MemoryUse:
    """What every slot of a KV memory is doing at one moment. The five add up to the whole memory.

    Attributes:
        used: slots that hold the KV of a token.
        reservation: slots given to a request that will fill them later, and nobody can use now.
        internal: slots given to a request that will never fill them.
        external: free slots that lie in pieces too small for the request that waits.
        free: all other free slots.
    """

    used: int = 0
    reservation: int = 0
    internal: int = 0
    external: int = 0
    free: int = 0

    @property
    def num_slots(self) -> int:
        """Size of the memory."""
        return self.used + self.reservation + self.internal + self.external + self.free

    def __add__(self, other: MemoryUse) -> MemoryUse:
        return MemoryUse(
            self.used + other.used,
            self.reservation + other.reservation,
            self.internal + other.internal,
            self.external + other.external,
            self.free + other.free,
        )


class SlotAllocator(Protocol):
    """Gives each request one run of slots, side by side; `contiguous.py` has two."""

    num_slots: int

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Give a request its region, or raise OutOfSlots."""
        ...

    def free(self, request_id: str) -> None:
        """Take the request's region back."""
        ...

    def holes(self) -> list[Region]:
        """The free pieces that an allocation may be cut from."""
        ...


class KVMemory(Protocol):
    """Memory for the KV of running requests; `fragmentation.py` has two kinds."""

    num_slots: int

    def admit(self, request: Request) -> bool:
        """Store the prompt of a request, if there is room for it."""
        ...

    def append(self, request_id: str) -> bool:
        """Store one more token of a request, if there is room for it."""
        ...

    def release(self, request_id: str) -> None:
        """Give back all that the request holds."""
        ...

    def use(self, waiting: Request | None = None) -> MemoryUse:
        """Say what every slot is doing, `waiting` being the request that is admitted next."""
        ...


@dataclass(frozen=True)
class Replay:
    """What a replay showed, summed over those of its steps in which a request had to wait.

    Attributes:
        use: slots times steps.
        running: requests times steps.
        steps: number of these steps.
        preemptions: how often a request lost its memory and had to be computed anew.
    """

    use: MemoryUse
    running: int
    steps: int
    preemptions: int

    def share(self, what: str) -> float:
        """Mean share of the memory that was `used`, `reservation`, `internal`, ...; 0.0 to 1.0."""
        part: int = getattr(self.use, what)
        return part / self.use.num_slots if self.steps else 0.0

    @property
    def mean_running(self) -> float:
        """Mean number of requests that ran side by side."""
        return self.running / self.steps if self.steps else 0.0


def replay(requests: Iterable[Request], memory: KVMemory, max_num_seqs: int = 256) -> Replay:
    """Run a backlog of requests, all waiting from the start, in the order given.

    In each step every running request stores one token, the one admitted last making room by
    preemption where there is none; then requests are admitted, unless one was preempted; then
    those that are complete leave.

    Args:
        requests: the trace.
        memory: an empty memory; it is empty again at the end.
        max_num_seqs: largest number of requests that run side by side.

    Returns:
        What the memory was used for.

    Raises:
        ValueError: a request does not fit even into the empty memory.
    """
    waiting, running = deque(requests), list[Request]()
    stored: dict[str, int] = {}
    total, steps, served, preemptions = MemoryUse(), 0, 0, 0
    while waiting or running:
        preempted = _grow(running, waiting, stored, memory)
        while waiting and not preempted and len(running) < max_num_seqs:
            if waiting[0].num_tokens > memory.num_slots or not memory.admit(waiting[0]):
                break
            running.append(waiting.popleft())
            stored[running[-1].request_id] = running[-1].num_prompt_tokens
        if not running and not preempted:
            raise ValueError(f"request {waiting[0].request_id} does not fit into the memory")
        if waiting:
            total += memory.use(waiting[0])
            steps, served = steps + 1, served + len(running)
        preemptions += preempted
        for request in [one for one in running if stored[one.request_id] == one.num_tokens]:
            running.remove(request)
            memory.release(request.request_id)
    return Replay(total, served, steps, preemptions)


def example_trace() -> list[Request]:
    """150 requests, the same every time, with the long tails of a chat service's lengths.

    Lognormal, with an eighth of the mean lengths that Kwon et al. (SOSP 2023) give for ShareGPT:
    161 tokens of prompt and 338 of output.
    """
    random = Random(0)

    def drawn(mean: float) -> int:
        return max(1, round(math.exp(random.gauss(math.log(mean) - 0.605, 1.1))))

    trace = []
    for index in range(150):
        output = min(drawn(338 / 8), EXAMPLE_MODEL_LEN // 2)
        prompt = min(drawn(161 / 8), EXAMPLE_MODEL_LEN - output)
        trace.append(Request(f"r{index}", prompt, output))
    return trace


def _grow(
    running: list[Request], waiting: deque[Request], stored: dict[str, int], memory: KVMemory
) -> int:
    """Store one token of each running request; say how many were preempted for it."""
    grown = preempted = 0
    while grown < len(running):
        request_id = running[grown].request_id
        if memory.append(request_id):
            stored[request_id] += 1
            grown += 1
            continue
        victim = running.pop()
        memory.release(victim.request_id)
        done = stored[victim.request_id]
        waiting.appendleft(Request(victim.request_id, done, victim.num_tokens - done))
        preempted += 1
    return preempted
