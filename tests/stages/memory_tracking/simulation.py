"""Queues simulated, to hold formulas against: one request at a time, and continuous batching."""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Sequence
from random import Random


def mean_wait(seed: int, rate: float, services: Sequence[float], count: int) -> float:
    """Mean wait of `count` Poisson arrivals at one server, first come first served (Lindley)."""
    random = Random(seed)
    wait = total = 0.0
    for _ in range(count):
        total += wait
        wait = max(0.0, wait + random.choice(services) - random.expovariate(rate))
    return total / count


def mean_sojourn(
    seed: int, rate: float, outputs: Sequence[int], fixed: float, each: float, batch: int | None
) -> float:
    """Mean time in the system when every iteration gives each request of the batch one token.

    Requests are admitted between iterations, first come first served. Iterations in which nothing
    changes are done in one jump.
    """
    random = Random(seed)
    arrivals = deque[float]()
    now = 0.0
    for _ in outputs:
        now += random.expovariate(rate)
        arrivals.append(now)
    left = deque(outputs)
    waiting, running = deque[tuple[float, int]](), list[tuple[int, float]]()
    now, iteration, total = 0.0, 0, 0.0
    while arrivals or waiting or running:
        while arrivals and arrivals[0] <= now:
            waiting.append((arrivals.popleft(), left.popleft()))
        while waiting and (batch is None or len(running) < batch):
            arrival, tokens = waiting.popleft()
            heapq.heappush(running, (iteration + tokens, arrival))
        if not running:
            now = arrivals[0]
            continue
        seconds = fixed + each * len(running)
        jump = running[0][0] - iteration
        if arrivals and (batch is None or len(running) < batch):
            jump = min(jump, max(1, math.ceil((arrivals[0] - now) / seconds)))
        now, iteration = now + jump * seconds, iteration + jump
        while running and running[0][0] <= iteration:
            total += now - heapq.heappop(running)[1]
    return total / len(outputs)


def drawn_outputs(law: str, seed: int, count: int, mean: float) -> list[int]:
    """Output lengths of that mean: all alike, memoryless, or with a long tail."""
    random = Random(seed)
    if law == "constant":
        return [round(mean)] * count
    if law == "geometric":
        failure = math.log1p(-1 / mean)
        return [1 + int(math.log(1 - random.random()) / failure) for _ in range(count)]
    spread = 1.2
    centre = math.log(mean) - spread**2 / 2
    return [max(1, round(random.lognormvariate(centre, spread))) for _ in range(count)]
