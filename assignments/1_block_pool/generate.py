"""Random operation programs, each with a mix of operations that puts one part under pressure.

A program is made without knowing what a pool will answer: an operation on a name that never came
to be is skipped. Holders are counted, so that no double free happens unless it is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from stage1.language import cache, check, free, get, lookup, new, reset, touch, usage

from autograder.program.model import Op, Program


@dataclass(frozen=True)
class Mix:
    """Relative frequencies of the operations, the largest allocation, the number of hashes."""

    get: int = 4
    free: int = 4
    touch: int = 0
    cache: int = 0
    lookup: int = 0
    reset: int = 0
    misuse: int = 0
    usage: int = 0
    check: int = 0
    most: int = 4
    labels: int = 6


SHARING = Mix(touch=4, free=6)
MISUSE = Mix(touch=1, misuse=4)
CACHING = Mix(cache=5, lookup=4, free=5, labels=4)
EVICTION = Mix(cache=6, lookup=2, free=6, labels=40, most=3)
EVERYTHING = Mix(touch=2, cache=4, lookup=4, reset=1, misuse=1, usage=1, check=1, free=6)

FIXED = 8
"""Programs that do not depend on the run's seed."""
KINDS = ("get", "free", "touch", "cache", "lookup", "reset", "misuse", "usage", "check")


def programs(fresh_seed: int, size: int, num_blocks: int, mix: Mix) -> Iterator[Program]:
    """Programs that are always the same, so that grades are, and a fresh one that nobody knows."""
    for seed in (*range(FIXED), fresh_seed):
        yield random_program(seed, size, num_blocks, mix)


def random_program(seed: int, size: int, num_blocks: int, mix: Mix) -> Program:
    """A program of about `size` operations on `num_blocks` blocks, the same for the same seed."""
    maker = _Maker(Random(seed), num_blocks, mix)
    weights = [getattr(mix, kind) for kind in KINDS]
    while len(maker.ops) <= size:
        (kind,) = maker.random.choices(KINDS, weights)
        getattr(maker, kind)()
    return tuple(maker.ops)


def fuzz_program(seed: int, size: int) -> Program:
    """A program of about `size` operations for long runs against the oracle."""
    return random_program(seed, size, Random(seed).randint(1, 14), EVERYTHING)


class _Maker:
    """Appends one operation, or one small group of them, per call."""

    def __init__(self, random: Random, num_blocks: int, mix: Mix) -> None:
        self.random = random
        self.ops: list[Op] = [new(num_blocks)]
        self._mix = mix
        self._holds: Counter[str] = Counter()
        self._names = 0

    def get(self) -> None:
        count = self.random.randint(1, self._mix.most)
        name = self._name()
        self._holds.update(f"{name}[{index}]" for index in range(count))
        self.ops.append(get(name, count))

    def free(self) -> None:
        held = self._held_together()
        chosen = self.random.sample(held, min(len(held), self.random.randint(1, 4)))
        if chosen:
            self._holds -= Counter(chosen)
            self.ops.append(free(*chosen))

    def touch(self) -> None:
        held = self._held_together()
        if held:
            chosen = self.random.choices(held, k=self.random.randint(1, 2))
            self._holds.update(chosen)
            self.ops.append(touch(*chosen))

    def cache(self) -> None:
        if self._holds:
            self.ops.append(cache(self.random.choice(sorted(self._holds)), self._label()))

    def lookup(self) -> None:
        name = self._name()
        self.ops.append(lookup(name, self._label()))
        if self.random.random() < 0.6:
            self._holds[f"{name}[0]"] += 1
            self.ops.append(touch(f"{name}[0]"))

    def reset(self) -> None:
        if self.random.random() < 0.5:
            self.ops += [free(block) for block in sorted(self._holds.elements())]
            self._holds.clear()
        self.ops.append(reset())

    def misuse(self) -> None:
        held = sorted(self._holds)
        if held:
            some = self.random.choice(held)
            twice = free(*[some] * (self._holds[some] + 1))
            wrong = (twice, touch(some, "stranger"), free(some, "stranger"), get("z", -1))
            self.ops.append(self.random.choice(wrong))

    def usage(self) -> None:
        self.ops.append(usage())

    def check(self) -> None:
        self.ops.append(check())

    def _held_together(self) -> list[str]:
        """Held blocks of one allocation, once per holder. All of them exist, or none does."""
        names = sorted({block.partition("[")[0] for block in self._holds})
        name = self.random.choice(names) if names else ""
        held = sorted(self._holds.elements())
        return [block for block in held if block.partition("[")[0] == name]

    def _name(self) -> str:
        self._names += 1
        return f"v{self._names}"

    def _label(self) -> str:
        return f"h{self.random.randrange(self._mix.labels)}"
