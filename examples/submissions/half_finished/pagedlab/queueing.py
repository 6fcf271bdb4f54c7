"""Stage 5. Predict with queueing theory, then measure on the simulator's virtual clock.

`RequestLog` measures; Little's law (Little 1961) must hold in it, for it holds on every path that
ends empty. `predict` says beforehand what continuous batching will do, by a fluid model: the
requests share every step, and a step takes longer the more of them there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pagedlab.simulator import CostModel

Event = Literal["arrive", "admit", "preempt", "finish"]
Part = Literal["system", "queue", "service"]


@dataclass(frozen=True)
class Little:
    """One part of a server over a whole log. Given.

    Attributes:
        mean_number: requests in the part, on average over time.
        arrival_rate: requests a second that came to the server.
        mean_seconds: time that a request spent in the part, all its visits together.
    """

    mean_number: float
    arrival_rate: float
    mean_seconds: float


@dataclass(frozen=True)
class Prediction:
    """What a server does at a steady rate. Given.

    Attributes:
        step_seconds: time of a step.
        mean_running: requests that run at the same time.
        mean_seconds: from a request's arrival to its last token.
    """

    step_seconds: float
    mean_running: float
    mean_seconds: float


class RequestLog:
    """Owns what happened to each request, and when.

    A request waits from "arrive" or "preempt" to "admit" (the queue), and is served from "admit" to
    "preempt" or "finish" (the service). Both together are the system.

    Example:
        >>> log = RequestLog()
        >>> log.record(0.0, "a", "arrive")
        >>> log.record(1.0, "a", "admit")
        >>> log.record(4.0, "a", "finish")
        >>> log.little("service")
        Little(mean_number=0.75, arrival_rate=0.25, mean_seconds=3.0)
    """

    def __init__(self) -> None:
        """Make an empty log."""
        raise NotImplementedError("Stage 5 · RequestLog.__init__ is not written yet")

    def record(self, time: float, request_id: str, event: Event) -> None:
        """Note one event.

        Args:
            time: seconds, not before the last event.
            request_id: who.
            event: what.

        Raises:
            ValueError: the time is before the last event, or the event is none that can follow
                what happened to this request so far; a finished one may not come back. Nothing
                changes.
        """
        raise NotImplementedError("Stage 5 · RequestLog.record is not written yet")

    def little(self, part: Part) -> Little:
        """Measure one part, from the first event to the last.

        The mean number is measured over time, the mean seconds request by request: the log must
        not compute one from the other.

        Args:
            part: which.

        Returns:
            The three quantities of Little's law.

        Raises:
            ValueError: a request is not finished, or there is no time between first and last
                event.
        """
        raise NotImplementedError("Stage 5 · RequestLog.little is not written yet")


def largest_rate(lengths: Sequence[tuple[int, int]], cost: CostModel) -> float:
    """Give the arrival rate from which on the queue grows without bounds.

    A request with a prompt of p and an output of o tokens is computed in o steps: the first one
    computes the prompt, each later one the token before. So it adds p + o - 1 tokens and, with
    prompts in one piece and nothing preempted, p + (p + 1) + … + (p + o - 1) KV tokens to the
    steps that it takes part in. The fixed seconds of a step are shared by ever more requests; at
    the largest rate nothing of them is left to pay.

    Args:
        lengths: tokens of prompt and of output of typical requests, each at least 1.
        cost: of a step.

    Returns:
        Requests a second.

    Raises:
        ValueError: there are no lengths.
    """
    raise NotImplementedError("Stage 5 · largest_rate is not written yet")


def predict(rate: float, lengths: Sequence[tuple[int, int]], cost: CostModel) -> Prediction:
    """Predict what continuous batching does at a steady rate, with memory and budget for all.

    In a step of s seconds arrive rate * s requests and as many finish. What a request adds to its
    steps (see `largest_rate`) is so added in every step rate * s times:
    s = fixed + s * rate / largest_rate. By Little's law, rate * o * s requests run on average if
    an output takes o steps. A request waits half a step, on average, until it is admitted.

    Args:
        rate: requests a second.
        lengths: tokens of prompt and of output of typical requests, each at least 1.
        cost: of a step.

    Returns:
        The means of a steady server.

    Raises:
        ValueError: the rate is not positive, or not below `largest_rate`.
    """
    raise NotImplementedError("Stage 5 · predict is not written yet")
