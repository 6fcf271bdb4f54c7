"""The order of requests under each policy, as the handout says it. Slow and obvious."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograder.program.model import Violation
from autograder.protocol.plain import Json

AGING = 10.0
OWN_PATIENCE = 60.0
"""Seconds after which nobody may overtake a request under the student's own policy."""
Place = tuple[tuple[float, ...], int]


class Order:
    """Knows what was told of each request, when it was added, and what each client has got."""

    def __init__(self, policy: str) -> None:
        self.policy = policy
        self._told: dict[str, Mapping[str, Any]] = {}
        self._added: dict[str, int] = {}
        self._unfinished: set[str] = set()
        self._counters: dict[str, int] = {}

    def add(self, name: str, told: Mapping[str, Any]) -> None:
        """Note a new request."""
        client = str(told["client"])
        others = {str(self._told[one]["client"]) for one in self._unfinished}
        counter = self._counters.get(client, 0)
        if others and client not in others:
            counter = max(counter, min(self._counters[other] for other in others))
        self._counters[client] = counter
        self._told[name] = told
        self._added[name] = len(self._added)
        self._unfinished.add(name)

    def fork(self, parent: str, child: str) -> None:
        """Note a child: it is like its parent, and was added now."""
        self.add(child, self._told[parent])

    def serve(self, name: str, tokens: int) -> None:
        """Charge a request's client."""
        self._counters[str(self._told[name]["client"])] += tokens

    def finish(self, name: str) -> None:
        """Note an end."""
        self._unfinished.discard(name)

    def place(self, name: str) -> Place:
        """Where a request stands: the smaller, the sooner."""
        return self.key(name), self._added[name]

    def first(self, names: Iterable[str]) -> str:
        """Whichever comes first."""
        return min(names, key=self.place)

    def key(self, name: str) -> tuple[float, ...]:
        """The policy's part of a place."""
        told = self._told[name]
        arrival = float(told["at"])
        deadline = math.inf if told["deadline"] is None else float(told["deadline"])
        counter = self._counters[str(told["client"])]
        keys: Mapping[str, tuple[float, ...]] = {
            "fcfs": (arrival,),
            "priority": (told["priority"], arrival),
            "aging": (told["priority"] * AGING + arrival,),
            "sla": (deadline, arrival),
            "fair": (counter, arrival),
        }
        return keys[self.policy]

    def wrong_ranking(self, names: list[str], ranked: Json) -> Iterator[Violation]:
        """What is wrong with the order in which a policy by itself puts requests."""
        if not isinstance(ranked, list) or sorted(map(str, ranked)) != sorted(names):
            yield Violation("", "keys that can be compared", f"{ranked}"[:200])
        elif self.policy == "own":
            yield from self._overtaken_too_long(list(map(str, ranked)))
        else:
            right = sorted(names, key=self.key)
            if ranked != right:
                yield Violation("I18", f"the order {right}", f"the order {ranked}")

    def _overtaken_too_long(self, ranked: list[str]) -> Iterator[Violation]:
        arrivals = [float(self._told[name]["at"]) for name in ranked]
        for place, arrival in enumerate(arrivals):
            later = [one for one in arrivals[:place] if one > arrival + OWN_PATIENCE]
            if later:
                expected = f"{ranked[place]} before all that arrive over {OWN_PATIENCE:g} s later"
                yield Violation("I19", expected, f"the order {ranked}")
                return
