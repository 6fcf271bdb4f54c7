"""Follows the content of every block. Hidden: it knows what an admission must find in the cache.

On top of the contract it keeps, for every block, which tokens were written into it: so it knows the
longest cached prefix of each request at the moment of its admission, and whether the first waiting
request really does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stage5.contract import Contract
from stage5.driver_runner import P
from stage5.state import PREEMPTED, RUNNING, WAITING
from stage5.step import Step, blocks_for

from autograder.program.model import Violation

Prefix = tuple[int, ...]


class Oracle(Contract):
    """The contract, and the cache's content."""

    def __init__(self) -> None:
        super().__init__()
        self._content: dict[int, Prefix] = {}

    def _check_step(self, step: Step) -> Iterator[Violation]:
        yield from super()._check_step(step)
        yield from self._cache(step)

    def _cache(self, step: Step) -> Iterator[Violation]:
        for name in step.survivors:
            self._write(step, name)
        waiting = step.before.having(WAITING, PREEMPTED)
        admitted = sorted(step.admitted, key=self._when(step).__getitem__)
        for name in admitted:
            waiting.remove(name)
            if name not in step.on_host:
                found = self._longest(self._tokens(step, name))
                start = step.plan.computed.get(name, 0)
                if start != found * P:
                    expected = f"{name} finds {found * P} tokens in the cache"
                    yield Violation("I16", expected, f"it begins at position {start}")
            self._write(step, name)
        yield from self._fits(step, waiting)

    def _when(self, step: Step) -> dict[str, Any]:
        """In which order requests were admitted: as they stand in the batch."""
        return {name: place for place, name in enumerate(step.plan.tokens)} | {
            name: -1 for name in step.admitted if name not in step.plan.tokens
        }

    def _fits(self, step: Step, waiting: list[str]) -> Iterator[Violation]:
        """The first that waits must not fit, hits of blocks in use counted in."""
        running = step.after.having(RUNNING)
        if step.left <= 0 or step.victims or not waiting or len(running) >= self._config.seqs:
            return
        name = self._order.first(waiting)
        held = step.after.blocks_held
        tokens = self._tokens(step, name)
        hits = 0 if name in step.on_host else self._longest(tokens)
        shared = sum(
            all(block in held for block in self._holding(tokens[: (index + 1) * P]))
            for index in range(hits)
        )
        need = blocks_for(len(tokens)) - shared
        free = self._config.blocks - len(held) - (self._config.watermark if running else 0)
        if need <= free:
            expected = f"{name} is admitted: it needs {need} of {free} blocks"
            yield Violation("I3", expected, "it waits")

    def _write(self, step: Step, name: str) -> None:
        """Note what the blocks of a request hold, for those that are full."""
        now = step.after.requests[name]
        tokens = self._tokens(step, name)
        was = step.before.requests[name].table
        for index, block in enumerate(now.table):
            whole = (index + 1) * P <= now.num_computed
            if whole:
                self._content[block] = tokens[: (index + 1) * P]
            elif block not in was:
                self._content.pop(block, None)

    def _longest(self, tokens: Prefix) -> int:
        most = (len(tokens) - 1) // P
        hits = 0
        while hits < most and self._holding(tokens[: (hits + 1) * P]):
            hits += 1
        return hits

    def _holding(self, prefix: Prefix) -> list[int]:
        return [block for block, content in self._content.items() if content == prefix]

    def _tokens(self, step: Step, name: str) -> Prefix:
        return (*self._prompt(name), *step.before.requests[name].outputs)
