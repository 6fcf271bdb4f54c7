"""One scheduled step, as the judge sees it from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from stage5.driver_runner import P
from stage5.order import Place
from stage5.state import RUNNING, Plan, State


@dataclass(frozen=True)
class Config:
    """What the scheduler was made with; `host` counts its blocks, 0 if there is no host."""

    blocks: int
    tokens: int
    seqs: int
    watermark: int
    host: int


@dataclass(frozen=True)
class Step:
    """One scheduled step, before the model's answer is taken in.

    Attributes:
        places: where each unfinished request stands in the order when the step begins.
        on_host: computed tokens of the requests that have been swapped out.
        ended: requests that have finished since the last step was scheduled.
    """

    config: Config
    places: Mapping[str, Place]
    on_host: Mapping[str, int]
    ended: frozenset[str]
    before: State
    plan: Plan
    after: State

    @cached_property
    def was_running(self) -> list[str]:
        """Requests that ran before the step, in order."""
        return sorted(self.before.having(RUNNING), key=self.places.__getitem__)

    @cached_property
    def victims(self) -> list[str]:
        """Of these, those that run no more, in order."""
        running = self.after.having(RUNNING)
        return [name for name in self.was_running if name not in running]

    @cached_property
    def survivors(self) -> list[str]:
        """Of these, those that still run, in order."""
        return [name for name in self.was_running if name not in self.victims]

    @cached_property
    def admitted(self) -> list[str]:
        """Requests that run and did not before."""
        return [name for name in self.after.having(RUNNING) if name not in self.was_running]

    @property
    def left(self) -> int:
        """Tokens of the budget that were not used."""
        return self.config.tokens - sum(self.plan.tokens.values())

    def free_beside(self, tables: Iterable[Iterable[int]]) -> int:
        """Blocks that are free if these tables hold theirs."""
        return self.config.blocks - len({block for table in tables for block in table})


def blocks_for(num_tokens: int) -> int:
    """Blocks that so many tokens take."""
    return -(-num_tokens // P)
