"""Area under the curve, moments by statistics, and the product form with logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pvariance

from pagedlab.errors import Overloaded


@dataclass(frozen=True)
class Stay:
    """A stay."""

    arrival: float
    departure: float


@dataclass(frozen=True)
class LoadSummary:
    """Little's quantities."""

    mean_in_system: float
    arrival_rate: float
    mean_sojourn: float


@dataclass(frozen=True)
class IterationModel:
    """a + b n."""

    fixed_seconds: float
    seconds_per_request: float
    max_batch: int | None = None


def summarize_log(stays: Sequence[Stay], start: float, end: float) -> LoadSummary:
    """Sweep over all moments at which something changes."""
    if not start < end:
        raise ValueError("window")
    for stay in stays:
        if stay.arrival > stay.departure:
            raise ValueError("stay")
    moments = {start, end}
    for stay in stays:
        moments |= {time for time in (stay.arrival, stay.departure) if start < time < end}
    area = 0.0
    for left, right in pairwise(sorted(moments)):
        present = sum(1 for stay in stays if stay.arrival <= left and stay.departure >= right)
        area += present * (right - left)
    mine = [stay for stay in stays if not (stay.arrival < start or stay.arrival >= end)]
    sojourn = fmean(stay.departure - stay.arrival for stay in mine) if mine else 0.0
    return LoadSummary(area / (end - start), len(mine) / (end - start), sojourn)


def mean_wait_fcfs(arrival_rate: float, service_seconds: Sequence[float]) -> float:
    """By the coefficient of variation."""
    if arrival_rate < 0 or len(service_seconds) == 0:
        raise ValueError("rate or services")
    mean = fmean(service_seconds)
    load = arrival_rate * mean
    if load >= 1:
        raise Overloaded("load")
    if mean == 0:
        return 0.0
    variation = pvariance(service_seconds) / mean**2
    return load / (1 - load) * mean * (1 + variation) / 2


def mean_sojourn_batching(arrival_rate: float, mean_output: float, model: IterationModel) -> float:
    """Sum of exponentials, the largest first scaled to 1."""
    if arrival_rate < 0 or mean_output <= 0:
        raise ValueError("rate or output")
    a, b, most = model.fixed_seconds, model.seconds_per_request, model.max_batch
    limit = mean_output * (b + (a / most if most else 0))
    if arrival_rate * limit >= 1:
        raise Overloaded("rate")
    if not arrival_rate:
        return (a + b) * mean_output
    logs = [0.0]
    peak = 0.0
    while True:
        n = len(logs)
        m = min(n, most or n)
        logs.append(logs[-1] + math.log(arrival_rate * mean_output * (a / m + b)))
        peak = max(peak, logs[-1])
        if logs[-1] < peak - 45 and logs[-1] < logs[-2]:
            break
    weights = [math.exp(value - peak) for value in logs]
    mean = math.fsum(n * weight for n, weight in enumerate(weights)) / math.fsum(weights)
    return mean / arrival_rate


def largest_rate(mean_output: float, model: IterationModel, slo_seconds: float) -> float:
    """Golden rule: 20 halvings of the load."""
    if mean_sojourn_batching(0.0, mean_output, model) > slo_seconds:
        return 0.0
    batch = model.fixed_seconds / model.max_batch if model.max_batch else 0.0
    full = 1 / (mean_output * (batch + model.seconds_per_request))
    load, step = 0.0, 0.5
    for _ in range(20):
        if load + step < 1:
            tried = mean_sojourn_batching((load + step) * full, mean_output, model)
            load += step if tried <= slo_seconds else 0.0
        step /= 2
    return load * full
