"""Random programs for allocators and trackers.

Programs are made without knowing what a submission will answer, with a few events that contradict
what was before. Times are multiples of a quarter of a second, so that sums of them are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from stage6.language import (
    allocate,
    buddy,
    finish,
    first_fit,
    free,
    give,
    share,
    take,
    tracker,
    write,
)
from stage6.models import _drawn

from autograder.program.model import Op, Program

FIXED = 6
"""Programs that do not depend on the run's seed."""


@dataclass(frozen=True)
class Mix:
    """Relative frequencies of a tracker's events, and how often one contradicts those before."""

    allocate: int = 4
    share: int = 2
    write: int = 5
    free: int = 4
    finish: int = 1
    contradict: int = 0


EVENTS = Mix()
EVERYTHING = Mix(contradict=2)
KINDS = ("allocate", "share", "write", "free", "finish", "contradict")
BLOCK_SIZE = 4


def programs(fresh_seed: int, size: int, num_blocks: int, mix: Mix) -> Iterator[Program]:
    """Programs that are always the same, so that grades are, and a fresh one that nobody knows."""
    for seed in (*range(FIXED), fresh_seed):
        yield random_program(seed, size, num_blocks, mix)


def random_program(seed: int, size: int, num_blocks: int, mix: Mix) -> Program:
    """About `size` events of a tracker of `num_blocks` blocks, the same for the same seed."""
    maker = _Events(Random(seed), num_blocks)
    weights = [getattr(mix, kind) for kind in KINDS]
    while len(maker.ops) <= size:
        (kind,) = maker.random.choices(KINDS, weights)
        maker.wait()
        getattr(maker, kind)()
    return tuple(maker.ops)


def allocator_programs(fresh_seed: int, size: int, kind: str) -> Iterator[Program]:
    """Programs of allocations and frees, some of them refused."""
    for seed in (*range(FIXED), fresh_seed):
        random = Random(f"{kind}/{seed}")
        num_slots = random.choice([16, 24, 37, 64])
        ops = [first_fit(num_slots) if kind == "first_fit" else buddy(num_slots)]
        held: list[str] = []
        for index in range(size):
            if held and random.random() < 0.48:
                ops.append(give(held.pop(random.randrange(len(held)))))
            elif random.random() < 0.1:
                again = held[0] if held else "nobody"
                ops.append(take(again, 2) if random.random() < 0.5 else give("nobody"))
            else:
                held.append(f"r{index}")
                ops.append(take(held[-1], min(_drawn(random, 4.0), num_slots)))
        yield tuple(ops)


class _Events:
    """Appends one event a call. Knows who holds what as long as it contradicts nothing."""

    def __init__(self, random: Random, num_blocks: int) -> None:
        self.random = random
        self.ops: list[Op] = [tracker(num_blocks, BLOCK_SIZE)]
        self._num_blocks = num_blocks
        self._held: dict[str, set[int]] = {}
        self._now = 0.0
        self._requests = 0

    def wait(self) -> None:
        self._now += self.random.choice([0.0, 0.0, 0.25, 0.5, 3.0])

    def allocate(self) -> None:
        used = set().union(*self._held.values()) if self._held else set()
        unused = sorted(set(range(1, self._num_blocks)) - used)
        blocks = self.random.sample(unused, min(len(unused), self.random.randint(0, 3)))
        request = self._request()
        self._held.setdefault(request, set()).update(blocks)
        padding = [0] if self.random.random() < 0.1 else []
        self.ops.append(allocate(self._now, request, *blocks, *padding))

    def share(self) -> None:
        request = self._request()
        others = sorted(set(range(1, self._num_blocks)) - self._held.get(request, set()))
        blocks = self.random.sample(others, min(len(others), self.random.randint(1, 2)))
        self._held.setdefault(request, set()).update(blocks)
        self.ops.append(share(self._now, request, *blocks))

    def write(self) -> None:
        used = sorted(set().union(*self._held.values())) if self._held else []
        if used:
            filled = self.random.randint(0, BLOCK_SIZE)
            self.ops.append(write(self._now, self.random.choice(used), filled))

    def free(self) -> None:
        names = sorted(name for name, blocks in self._held.items() if blocks)
        if names:
            name = self.random.choice(names)
            held = sorted(self._held[name])
            blocks = self.random.sample(held, self.random.randint(1, len(held)))
            self._held[name] -= set(blocks)
            self.ops.append(free(self._now, name, *blocks))

    def finish(self) -> None:
        """Most requests give everything back before they finish; some forget a block."""
        names = sorted(self._held)
        if names:
            name = self.random.choice(names)
            blocks = sorted(self._held.pop(name))
            given = blocks if self.random.random() < 0.6 else blocks[1:]
            self.ops += [free(self._now, name, *given), finish(self._now, name)]

    def contradict(self) -> None:
        block = self.random.randrange(1, self._num_blocks)
        wrong = (
            allocate(self._now, "x", block, block),
            free(self._now, "x", block),
            share(self._now, "x", self._num_blocks),
            write(self._now, block, BLOCK_SIZE + 1),
            finish(self._now - 0.25, "x"),
            free(self._now + 5.0, "x", block),
        )
        self.ops.append(self.random.choice(wrong))

    def _request(self) -> str:
        names = sorted(self._held)
        if names and self.random.random() < 0.5:
            return self.random.choice(names)
        self._requests += 1
        return f"r{self._requests}"
