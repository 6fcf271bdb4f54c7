"""Keys of other kinds: ranks in one number, clients as objects; the own policy is plain FCFS."""

from __future__ import annotations

from dataclasses import dataclass

from pagedlab.request import Request


class SchedulingPolicy:
    """Base of all policies. What a policy does not override says and notes nothing."""

    def sort_key(self, request: Request) -> tuple[float, ...]:
        """Give the order, the smallest first."""
        raise NotImplementedError

    def on_added(self, request: Request) -> None:
        """Note a new request."""

    def on_scheduled(self, request: Request, num_tokens: int) -> None:
        """Note computed tokens."""

    def on_finished(self, request: Request) -> None:
        """Note an end."""


class FCFSPolicy(SchedulingPolicy):
    def sort_key(self, request: Request) -> tuple[float, ...]:
        return (0.0, request.arrival_time)


class PriorityPolicy(SchedulingPolicy):
    def __init__(self, aging: float | None = None) -> None:
        if aging is not None and not aging > 0:
            raise ValueError("aging")
        self.aging = aging

    def sort_key(self, request: Request) -> tuple[float, ...]:
        if self.aging:
            return (request.priority + request.arrival_time / self.aging, 0.0)
        return (float(request.priority), request.arrival_time)


class SLAPolicy(SchedulingPolicy):
    def sort_key(self, request: Request) -> tuple[float, ...]:
        return (request.deadline, request.arrival_time, 0.0)


@dataclass
class Client:
    served: int = 0
    open: int = 0


class FairPolicy(SchedulingPolicy):
    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}

    def sort_key(self, request: Request) -> tuple[float, ...]:
        return (float(self.clients[request.client].served), request.arrival_time)

    def on_added(self, request: Request) -> None:
        client = self.clients.setdefault(request.client, Client())
        if client.open == 0:
            served = [other.served for other in self.clients.values() if other.open]
            client.served = max(client.served, min(served, default=0))
        client.open += 1

    def on_scheduled(self, request: Request, num_tokens: int) -> None:
        self.clients[request.client].served += num_tokens

    def on_finished(self, request: Request) -> None:
        self.clients[request.client].open -= 1


class OwnPolicy(FCFSPolicy):
    pass
