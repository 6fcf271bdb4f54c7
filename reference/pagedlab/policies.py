"""Stage 5. Policies: which request comes first, and so, which is preempted last.

A policy is an order over requests. The scheduler admits waiting requests from its beginning and
preempts running ones from its end. Read next in vLLM: `vllm/v1/core/sched/request_queue.py`.
FairPolicy is after Sheng et al., "Fairness in Serving Large Language Models" (OSDI 2024).
"""

from __future__ import annotations

from pagedlab.request import Request


class SchedulingPolicy:
    """What a scheduler asks a policy, and what it tells it. Base of all policies. Given.

    A policy reads requests and changes none. The scheduler calls `on_added` once for each request,
    `on_scheduled` as soon as it has given tokens to one, and `on_finished` once.
    """

    def sort_key(self, request: Request) -> tuple[float, ...]:
        """Give the request's place in the order: the smaller, the sooner. Changes nothing.

        Of requests with equal keys, the one that was added first comes first.

        Args:
            request: waiting, preempted or running.

        Returns:
            A key that orders requests when compared with other keys of this policy.
        """
        raise NotImplementedError

    def on_added(self, request: Request) -> None:
        """Note a request that has just been added.

        Args:
            request: waits; or runs, if it is a fork.
        """

    def on_scheduled(self, request: Request, num_tokens: int) -> None:
        """Note that a step computes tokens of a request.

        Args:
            request: is served.
            num_tokens: tokens that the step computes; hits and swapped tokens are none of them.
        """

    def on_finished(self, request: Request) -> None:
        """Note a request that has finished, for whatever reason.

        Args:
            request: holds nothing any more.
        """


class FCFSPolicy(SchedulingPolicy):
    """First come, first served: by `arrival_time`.

    Example:
        >>> early, late = Request("b", [1], arrival_time=1.0), Request("a", [1], arrival_time=2.0)
        >>> policy = FCFSPolicy()
        >>> policy.sort_key(early) < policy.sort_key(late)
        True
    """

    def sort_key(self, request: Request) -> tuple[float, ...]:
        """Give the order by arrival.

        Args:
            request: waiting, preempted or running.

        Returns:
            Its arrival time.
        """
        # BEGIN SOLUTION
        return (request.arrival_time,)
        # END SOLUTION


class PriorityPolicy(SchedulingPolicy):
    """The most urgent first: by `priority`, then by `arrival_time`.

    Strict priority lets a request wait for ever. With aging, a request gains one level for every
    `aging` seconds that it has waited: at any time, whoever has the smallest
    `priority - waited / aging` comes first, so that it is overtaken only by requests that arrive
    within `aging` seconds a level. Which of two requests comes first does not change with time.
    """

    def __init__(self, aging: float | None = None) -> None:
        """Make a policy.

        Args:
            aging: seconds of waiting that make up for one level of priority; None for strict
                priority.

        Raises:
            ValueError: `aging` is not positive.
        """
        # BEGIN SOLUTION
        if aging is not None and aging <= 0:
            raise ValueError(f"aging must be positive, got {aging}")
        self._aging = aging
        # END SOLUTION

    def sort_key(self, request: Request) -> tuple[float, ...]:
        """Give the order by urgency.

        Args:
            request: waiting, preempted or running.

        Returns:
            Its priority and arrival time; with aging, one number made of both.
        """
        # BEGIN SOLUTION
        if self._aging is None:
            return (request.priority, request.arrival_time)
        # priority - (now - arrival) / aging, times aging, without what all have in common.
        return (request.priority * self._aging + request.arrival_time,)
        # END SOLUTION


class SLAPolicy(SchedulingPolicy):
    """Earliest deadline first: by `deadline`, then by `arrival_time`."""

    def sort_key(self, request: Request) -> tuple[float, ...]:
        """Give the order by deadline.

        Args:
            request: waiting, preempted or running.

        Returns:
            Its deadline and arrival time.
        """
        # BEGIN SOLUTION
        return (request.deadline, request.arrival_time)
        # END SOLUTION


class FairPolicy(SchedulingPolicy):
    """The client that was served least first: by a virtual token counter a client, then arrival.

    A client's counter grows by one for each token that is computed for it. A client that has no
    unfinished request saves nothing up: when it comes (back), its counter is raised to the
    smallest counter among the clients that have unfinished requests, if it is below that.
    """

    def __init__(self) -> None:
        """Make a policy in which nobody has been served yet."""
        # BEGIN SOLUTION
        self._counters: dict[str, int] = {}
        self._unfinished: dict[str, int] = {}
        # END SOLUTION

    def sort_key(self, request: Request) -> tuple[float, ...]:
        """Give the order by what the clients have got so far.

        Args:
            request: waiting, preempted or running.

        Returns:
            Its client's counter, and its arrival time.
        """
        # BEGIN SOLUTION
        return (self._counters.get(request.client, 0), request.arrival_time)
        # END SOLUTION

    def on_added(self, request: Request) -> None:
        """Count the request in; raise the counter of a client that had none.

        Args:
            request: has just been added.
        """
        # BEGIN SOLUTION
        client = request.client
        counter = self._counters.get(client, 0)
        if self._unfinished and client not in self._unfinished:
            counter = max(counter, min(self._counters[other] for other in self._unfinished))
        self._counters[client] = counter
        self._unfinished[client] = self._unfinished.get(client, 0) + 1
        # END SOLUTION

    def on_scheduled(self, request: Request, num_tokens: int) -> None:
        """Charge the tokens to the request's client.

        Args:
            request: is served.
            num_tokens: tokens that the step computes.
        """
        # BEGIN SOLUTION
        self._counters[request.client] += num_tokens
        # END SOLUTION

    def on_finished(self, request: Request) -> None:
        """Count the request out.

        Args:
            request: has finished.
        """
        # BEGIN SOLUTION
        self._unfinished[request.client] -= 1
        if not self._unfinished[request.client]:
            del self._unfinished[request.client]
        # END SOLUTION


class OwnPolicy(SchedulingPolicy):
    """Your own order, with which the scheduler is measured (handout §5.7).

    It may use everything that stands in a request. It must let nobody starve: a request may be
    overtaken only by those that arrive within 60 seconds after it.
    """

    def sort_key(self, request: Request) -> tuple[float, ...]:
        """Give your own order.

        Args:
            request: waiting, preempted or running.

        Returns:
            Numbers: the smaller, the sooner it comes.
        """
        # BEGIN SOLUTION
        # Short prompts overtake long ones, by at most 40 seconds.
        handicap = min(40.0, 0.01 * request.num_prompt_tokens)
        return (request.arrival_time + handicap,)
        # END SOLUTION
