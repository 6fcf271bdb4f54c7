"""Stage 6. Capacity planning: how busy a server is, how long requests take, how many it can bear.

Three laws, from the one that always holds to the one that assumes most: Little's law on a log, the
Pollaczek-Khinchine formula for one request at a time, and a product form for continuous batching,
where the requests in a batch share the server. See lesson 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stay:
    """One request's time in the system, in seconds from any zero. Given."""

    arrival: float
    departure: float


@dataclass(frozen=True)
class LoadSummary:
    """The three quantities of Little's law, each measured for itself. Given.

    Attributes:
        mean_in_system: requests in the system, averaged over the time of the window.
        arrival_rate: arrivals in the window, per second.
        mean_sojourn: seconds that those who arrived in the window stay, on average; 0.0 if nobody
            arrived.
    """

    mean_in_system: float
    arrival_rate: float
    mean_sojourn: float


@dataclass(frozen=True)
class IterationModel:
    """Seconds of one decoding iteration that gives each of n requests one token: a + b n. Given.

    Attributes:
        fixed_seconds: a, at least 0.
        seconds_per_request: b, above 0.
        max_batch: most requests in one iteration; others wait. None for no limit.
    """

    fixed_seconds: float
    seconds_per_request: float
    max_batch: int | None = None


def summarize_log(stays: Sequence[Stay], start: float, end: float) -> LoadSummary:
    """Measure the quantities of Little's law in the window from `start` to `end` of a log.

    An arrival at `start` lies in the window, one at `end` does not. If every stay lies in the
    window as a whole, mean_in_system is arrival_rate times mean_sojourn, whatever the order of
    service: else the log is wrong. If stays reach beyond the window, they need not be equal.

    Args:
        stays: one for each request, in any order.
        start: begin of the window in seconds.
        end: its end.

    Returns:
        The summary.

    Raises:
        ValueError: the window has no length, or somebody departs before arriving.
    """
    raise NotImplementedError("Stage 6 · summarize_log is not written yet")


def mean_wait_fcfs(arrival_rate: float, service_seconds: Sequence[float]) -> float:
    """Mean wait before service if requests are served one at a time, first come first served.

    The Pollaczek-Khinchine formula (M/G/1): Poisson arrivals, and service times of which
    `service_seconds` is the whole distribution, each of its values being equally likely.

    Args:
        arrival_rate: requests per second, at least 0.
        service_seconds: at least one service time.

    Returns:
        Seconds, the service itself not included.

    Raises:
        ValueError: the rate is negative, or there is no service time.
        Overloaded: the server would be busy all the time, or more.

    Example:
        >>> mean_wait_fcfs(0.5, [1.0])
        0.5
    """
    raise NotImplementedError("Stage 6 · mean_wait_fcfs is not written yet")


def mean_sojourn_batching(arrival_rate: float, mean_output: float, model: IterationModel) -> float:
    """Mean time in the system under continuous batching, by processor sharing in product form.

    With n requests in the system, m = min(n, max_batch) of them decode, each finishing after
    `mean_output` iterations on average, so that they leave at the rate
    mu(n) = m / (mean_output (a + b m)). The number in the system is then n with a probability
    proportional to the product of arrival_rate / mu(j) over j = 1 ... n, for (nearly) every
    distribution of output lengths, and Little's law turns its mean into seconds.

    Args:
        arrival_rate: requests per second (Poisson), at least 0.
        mean_output: mean number of tokens that a request generates, above 0.
        model: seconds of an iteration.

    Returns:
        Seconds, waiting included; at rate 0, those of a request that is alone.

    Raises:
        ValueError: the rate is negative, or `mean_output` is not above 0.
        Overloaded: requests arrive as fast as full batches can serve them, or faster.

    Example:
        >>> mean_sojourn_batching(0.0, 100.0, IterationModel(0.25, 0.25))
        50.0
    """
    raise NotImplementedError("Stage 6 · mean_sojourn_batching is not written yet")


def largest_rate(mean_output: float, model: IterationModel, slo_seconds: float) -> float:
    """Largest arrival rate at which the predicted mean time in the system keeps a promise.

    Args:
        mean_output: mean number of tokens that a request generates, above 0.
        model: seconds of an iteration.
        slo_seconds: the promise: largest mean time in the system.

    Returns:
        Requests per second, to within 0.1 % of the largest rate at which `mean_sojourn_batching`
        gives at most `slo_seconds`; 0.0 if even a request that is alone takes longer.

    Raises:
        ValueError: `mean_output` is not above 0.
    """
    raise NotImplementedError("Stage 6 · largest_rate is not written yet")


def _capacity(mean_output: float, model: IterationModel) -> float:
    """Given: requests per second that a server with full batches finishes."""
    fixed = 0.0 if model.max_batch is None else model.fixed_seconds / model.max_batch
    return 1 / (mean_output * (fixed + model.seconds_per_request))
