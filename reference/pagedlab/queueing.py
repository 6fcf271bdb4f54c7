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
        # BEGIN SOLUTION
        self._times: list[float] = []
        self._inside: dict[Part, int] = {"system": 0, "queue": 0, "service": 0}
        self._area: dict[Part, float] = {"system": 0.0, "queue": 0.0, "service": 0.0}
        self._place: dict[str, Part] = {}
        self._since: dict[str, float] = {}
        self._spent: dict[str, dict[Part, float]] = {}
        # END SOLUTION

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
        # BEGIN SOLUTION
        place = self._place.get(request_id)
        known = request_id in self._spent
        allowed = {"arrive": not known, "admit": place == "queue"}.get(event, place == "service")
        if not allowed or (self._times and time < self._times[-1]):
            raise ValueError(f"{request_id} cannot {event} at {time}")
        if self._times:
            for part, number in self._inside.items():
                self._area[part] += number * (time - self._times[-1])
        self._times.append(time)
        spent = self._spent.setdefault(request_id, {"queue": 0.0, "service": 0.0})
        if place is not None:
            spent[place] += time - self._since[request_id]
            self._inside[place] -= 1
            del self._place[request_id]
        if event != "finish":
            now_in: Part = "service" if event == "admit" else "queue"
            self._place[request_id] = now_in
            self._since[request_id] = time
            self._inside[now_in] += 1
        self._inside["system"] = len(self._place)
        # END SOLUTION

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
        # BEGIN SOLUTION
        if self._place or not self._times or self._times[-1] <= self._times[0]:
            raise ValueError("Little's law needs a log that ends empty, and some time in it")
        seconds = self._times[-1] - self._times[0]
        count = len(self._spent)
        total = sum(
            sum(spent.values()) if part == "system" else spent[part]
            for spent in self._spent.values()
        )
        return Little(self._area[part] / seconds, count / seconds, total / count)
        # END SOLUTION


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
    # BEGIN SOLUTION
    if not lengths:
        raise ValueError("no lengths to predict from")
    work = sum(
        cost.per_token * (prompt + output - 1)
        + cost.per_kv_token * (output * prompt + output * (output - 1) / 2)
        for prompt, output in lengths
    )
    return len(lengths) / work
    # END SOLUTION


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
    # BEGIN SOLUTION
    load = rate / largest_rate(lengths, cost)
    if not 0 < load < 1:
        raise ValueError(f"no steady server at {rate} requests a second: load {load:.3g}")
    step = cost.fixed / (1 - load)
    steps = sum(output for _, output in lengths) / len(lengths)
    return Prediction(step, rate * steps * step, (steps + 0.5) * step)
    # END SOLUTION
