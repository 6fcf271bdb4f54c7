"""Serves a backlog step by step on one of the reference's memories, with a clock.

`pagedlab.replay` counts steps. Here a step takes time, long prompts more, so that throughput can
be compared and a memory that is full for long counts for long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from pagedlab.replay import KVMemory, MemoryUse, Request
from reproduce.machine import Clock

MAX_NUM_SEQS = 256
MAX_PROMPT_TOKENS = 4096
"""No further request is admitted in a step that computes as many tokens of prompts."""


@dataclass(frozen=True)
class Served:
    """What serving a backlog showed.

    Shares of the memory (`used` … `free`, together 1) and `running` requests are means over time
    while somebody waited: how the memory is used under load, and not how it empties at the end.
    `seconds` is until the last request was complete.
    """

    requests: int
    seconds: float
    used: float
    reservation: float
    internal: float
    external: float
    free: float
    running: float
    preemptions: int

    @property
    def wasted(self) -> float:
        """Share of the memory that holds no token's KV, for whatever reason."""
        return 1 - self.used

    @property
    def throughput(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class Server:
    """Runs requests in order; when the memory cannot grow, the newest one starts again later."""

    def __init__(
        self, requests: Sequence[Request], memory: KVMemory, clock: Clock, keep_free: int = 0
    ) -> None:
        """Begin with all requests waiting and the memory empty.

        Args:
            requests: in the order in which they are served.
            memory: empty.
            clock: how long a step takes.
            keep_free: slots that stay free when a request is admitted while others run.
        """
        self._memory = memory
        self._keep_free = keep_free
        self._clock = clock
        self._waiting = deque(requests)
        self._running: list[Request] = []
        self._stored: dict[str, int] = {}
        self._count = len(requests)
        self._seconds = self._loaded = 0.0
        self._sums = dict.fromkeys((*_PARTS, "running"), 0.0)
        self._preemptions = 0

    def serve(self) -> Served:
        """Run to the end.

        Returns:
            What it showed.

        Raises:
            ValueError: a request does not fit even into the empty memory.
            RuntimeError: slots are still taken at the end: the memory leaks.
        """
        while self._waiting or self._running:
            preempted = self._grow()
            computed = 0 if preempted else self._admit()
            if not self._running and not preempted:
                raise ValueError(f"request {self._waiting[0].request_id} does not fit")
            stored = sum(self._stored[request.request_id] for request in self._running)
            self._count_step(self._clock.step(computed, stored))
            self._finish()
        left = self._memory.use()
        if left.external + left.free != self._memory.num_slots:
            raise RuntimeError(f"the memory is not empty at the end: {left}")
        means = {name: total / max(self._loaded, 1e-12) for name, total in self._sums.items()}
        return Served(self._count, self._seconds, **means, preemptions=self._preemptions)

    def _grow(self) -> int:
        """Store the token that each running request made; give how many lost their memory."""
        grown = lost = 0
        while grown < len(self._running):
            name = self._running[grown].request_id
            if self._memory.append(name):
                self._stored[name] += 1
                grown += 1
                continue
            victim = self._running.pop()
            self._memory.release(victim.request_id)
            done = self._stored.pop(victim.request_id)
            rest = Request(victim.request_id, done, victim.num_tokens - done)
            self._waiting.appendleft(rest)
            lost += 1
        self._preemptions += lost
        return lost

    def _admit(self) -> int:
        """Admit requests in order as long as they fit; give the tokens of their prompts."""
        computed = 0
        while self._waiting and len(self._running) < MAX_NUM_SEQS and computed < MAX_PROMPT_TOKENS:
            request = self._waiting[0]
            if request.num_tokens > self._memory.num_slots or not self._memory.admit(request):
                break
            if self._keep_free and self._running and self._memory.use().free < self._keep_free:
                self._memory.release(request.request_id)
                break
            self._running.append(self._waiting.popleft())
            self._stored[request.request_id] = request.num_prompt_tokens
            computed += request.num_prompt_tokens
        return computed

    def _count_step(self, seconds: float) -> None:
        self._seconds += seconds
        if not self._waiting:
            return
        use: MemoryUse = self._memory.use(self._waiting[0])
        self._loaded += seconds
        for name in _PARTS:
            self._sums[name] += seconds * getattr(use, name) / use.num_slots
        self._sums["running"] += seconds * len(self._running)

    def _finish(self) -> None:
        going = []
        for request in self._running:
            if self._stored[request.request_id] == request.num_tokens:
                self._memory.release(request.request_id)
            else:
                going.append(request)
        self._running = going


_PARTS = ("used", "reservation", "internal", "external", "free")
