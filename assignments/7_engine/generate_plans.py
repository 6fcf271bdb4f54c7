"""Random plans for a model runner, by a scheduler that is as odd as the contract allows.

Block ids in no order, requests left out of a step, victims at random, blocks given away and taken
in one step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from stage7.operations import P, execute, fork, own_prompt, request

from autograder.program.model import Op

LONGEST = 60


@dataclass
class _Request:
    """One request as the generator follows it."""

    name: str
    tokens: int
    computed: int = 0
    table: list[int] = field(default_factory=list)
    on_host: list[int] = field(default_factory=list)
    kept: int = 0


class Planner:
    """Makes plans for a runner with so many blocks; the null blocks are never used."""

    def __init__(self, random: Random, blocks: int, host: int, seqs: int) -> None:
        self._random = random
        self._free = random.sample(range(1, blocks), blocks - 1)
        self._host_free = random.sample(range(1, host + 1), host)
        self._seqs = seqs
        self._running: list[_Request] = []
        self._preempted: list[_Request] = []
        self._finished: list[str] = []
        self._shared: dict[int, int] = {}
        self._plan: dict[str, Any] = {}

    def steps(self, count: int, forks: float = 0.0, preemptions: float = 0.15) -> Iterator[Op]:
        """Operations of so many steps, the requests among them."""
        for turn in range(count):
            self._plan = {"swap_out": [], "swap_in": [], "copies": [], "preempted": []}
            self._plan |= {"finished": self._finished, "new": [], "resumed": []}
            self._finished = []
            if self._running and self._random.random() < preemptions:
                self._preempt(self._random.choice(self._running))
            scheduled: dict[str, tuple[int, int, list[int]]] = {}
            for one in list(self._running):
                if self._random.random() < 0.85:
                    self._serve(one, scheduled)
            if self._preempted and self._random.random() < 0.4:
                self._resume(self._random.choice(self._preempted), scheduled)
            if len(self._running) + len(self._preempted) < self._seqs:
                yield from self._admit(turn, scheduled)
            yield execute(scheduled, **self._plan)
            self._end(scheduled)
            if forks and self._random.random() < forks:
                yield from self._fork(turn)

    def _take(self, count: int) -> list[int]:
        return [self._free.pop() for _ in range(count)]

    def _give(self, table: list[int]) -> None:
        for block in table:
            self._shared[block] = self._shared.get(block, 1) - 1
            if not self._shared[block]:
                del self._shared[block]
                self._free.insert(self._random.randrange(len(self._free) + 1), block)

    def _hold(self, block_ids: list[int]) -> list[int]:
        for block in block_ids:
            self._shared[block] = self._shared.get(block, 0) + 1
        return block_ids

    def _preempt(self, one: _Request) -> None:
        if len(one.table) <= len(self._host_free):
            one.on_host = [self._host_free.pop() for _ in one.table]
            self._plan["swap_out"] += zip(one.table, one.on_host, strict=True)
            one.kept = one.computed
        self._give(one.table)
        one.table, one.computed = [], 0
        self._running.remove(one)
        self._preempted.append(one)
        self._plan["preempted"].append(one.name)

    def _serve(self, one: _Request, scheduled: dict[str, Any]) -> None:
        left = one.tokens - one.computed
        count = self._random.randint(1, left) if self._random.random() < 0.5 else left
        block_ids = self._extend(one, count)
        if block_ids is not None:
            scheduled[one.name] = (one.computed, count, block_ids)
            one.computed += count

    def _extend(self, one: _Request, count: int) -> list[int] | None:
        """Blocks for a running request's next tokens; a shared one is copied."""
        copies = one.computed % P and self._shared[one.table[-1]] > 1
        needed = -(-(one.computed + count) // P) - len(one.table) + bool(copies)
        if needed > len(self._free):
            return None
        fresh = self._hold(self._take(needed))
        if copies:
            old = one.table.pop()
            self._plan["copies"].append((old, fresh[0]))
            self._shared[old] -= 1
        one.table += fresh
        return fresh

    def _resume(self, one: _Request, scheduled: dict[str, Any]) -> None:
        needed = -(-one.tokens // P)
        if one.name in self._plan["preempted"] or needed > len(self._free):
            return
        one.computed = one.kept if one.on_host else 0
        count = one.tokens - one.computed
        one.table = self._hold(self._take(needed))
        self._plan["swap_in"] += zip(one.on_host, one.table, strict=False)
        self._host_free += one.on_host
        one.on_host, one.kept = [], 0
        self._begin(one, count, scheduled)
        self._preempted.remove(one)
        self._plan["resumed"].append(one.name)

    def _admit(self, turn: int, scheduled: dict[str, Any]) -> Iterator[Op]:
        size = self._random.choice([1, 2, P - 1, P, P + 1, self._random.randint(1, 14)])
        if -(-size // P) > len(self._free):
            return
        name = self._random.choice("abcdef") + str(self._random.randrange(3))
        taken = [one.name for one in (*self._running, *self._preempted)]
        if name in taken:
            name = f"n{turn}"
        params = {
            "temperature": self._random.choice([0.0, 0.7, 1.0]),
            "seed": turn,
            "request": size,
        }
        yield request(name, own_prompt(f"{name}/{turn}", size), **params)
        one = _Request(name, size)
        count = self._random.randint(1, size) if self._random.random() < 0.4 else size
        one.table = self._hold(self._take(-(-count // P)))
        self._begin(one, count, scheduled)
        self._plan["new"].append(name)

    def _begin(self, one: _Request, count: int, scheduled: dict[str, Any]) -> None:
        scheduled[one.name] = (one.computed, count, list(one.table))
        one.computed += count
        self._running.append(one)

    def _end(self, scheduled: dict[str, Any]) -> None:
        for one in list(self._running):
            if one.name in scheduled and one.computed == one.tokens:
                one.tokens += 1
                if self._random.random() < 0.08 or one.tokens > LONGEST:
                    self._give(one.table)
                    self._running.remove(one)
                    self._finished.append(one.name)

    def _fork(self, turn: int) -> Iterator[Op]:
        if self._running and len(self._running) + len(self._preempted) < self._seqs:
            parent = self._random.choice(self._running)
            child = _Request(f"k{turn}", parent.tokens, parent.computed)
            child.table = self._hold(list(parent.table))
            self._running.append(child)
            yield fork(parent.name, child.name, seed=turn, request=turn)
