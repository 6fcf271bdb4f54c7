"""Keeps the raw events and works everything out at the end; predicts by going on until it stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pagedlab.simulator import CostModel

Event = Literal["arrive", "admit", "preempt", "finish"]
Part = Literal["system", "queue", "service"]
FOLLOWS = {"": ("arrive",), "arrive": ("admit",), "admit": ("preempt", "finish")}


@dataclass(frozen=True)
class Little:
    mean_number: float
    arrival_rate: float
    mean_seconds: float


@dataclass(frozen=True)
class Prediction:
    step_seconds: float
    mean_running: float
    mean_seconds: float


class RequestLog:
    def __init__(self) -> None:
        self.events: list[tuple[float, str, str]] = []

    def record(self, time: float, request_id: str, event: Event) -> None:
        last = next((e for _, who, e in reversed(self.events) if who == request_id), "")
        allowed = {**FOLLOWS, "preempt": ("admit",), "finish": ()}[last]
        if event not in allowed or (self.events and self.events[-1][0] > time):
            raise ValueError(event)
        self.events.append((time, request_id, event))

    def little(self, part: Part) -> Little:
        last = {who: event for _, who, event in self.events}
        if not self.events or set(last.values()) != {"finish"}:
            raise ValueError("not empty")
        span = self.events[-1][0] - self.events[0][0]
        if span <= 0:
            raise ValueError("no time")
        area, inside = 0.0, dict.fromkeys(last, "")
        before = self.events[0][0]
        seconds = dict.fromkeys(last, 0.0)
        for time, who, event in self.events:
            here = [n for n, p in inside.items() if p and part in ("system", p)]
            area += len(here) * (time - before)
            for name in here:
                seconds[name] += time - before
            before = time
            inside[who] = {"admit": "service", "finish": ""}.get(event, "queue")
        return Little(area / span, len(last) / span, sum(seconds.values()) / len(last))


def largest_rate(lengths: Sequence[tuple[int, int]], cost: CostModel) -> float:
    if not lengths:
        raise ValueError("no lengths")
    total = 0.0
    for prompt, output in lengths:
        tokens = prompt + output - 1
        kv_tokens = sum(range(prompt, prompt + output))
        total += tokens * cost.per_token + kv_tokens * cost.per_kv_token
    return 1 / (total / len(lengths))


def predict(rate: float, lengths: Sequence[tuple[int, int]], cost: CostModel) -> Prediction:
    most = largest_rate(lengths, cost)
    if rate <= 0 or rate >= most:
        raise ValueError("rate")
    step, before = cost.fixed, 0.0
    while abs(step - before) > 1e-15:
        step, before = cost.fixed + step * rate / most, step
    outputs = sum(output for _, output in lengths) / len(lengths)
    running = rate * outputs * step
    return Prediction(step, running, running / rate + step / 2)
