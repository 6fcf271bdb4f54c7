"""Random programs about a scheduler, each with a mix that puts one part under pressure.

A program is made without knowing what a scheduler will do: an operation on a request that is not
there any more, or not running, is an error that changes nothing, or is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from stage5.language import abort, add, fork, new, step, steps

from autograder.program.model import Op, Program

SHARED = [[500 + place for place in range(12)], [700 + place for place in range(9)]]
"""Beginnings that several requests have in common."""
FIXED = 1
"""Programs that do not depend on the run's seed."""
LAST = 20
"""Steps after the last arrival: nearly every program ends empty."""


@dataclass(frozen=True)
class Mix:
    """What a program is made of; frequencies are relative to each other.

    Attributes:
        blocks, tokens, seqs, watermark, host, policy: of the scheduler.
        longest: prompt, in tokens.
        outputs: most tokens to generate.
        shared: share of prompts that begin like others.
    """

    blocks: int = 40
    tokens: int = 16
    seqs: int = 4
    watermark: int = 0
    host: int = 0
    policy: str = "fcfs"
    longest: int = 20
    outputs: int = 6
    shared: float = 0.0
    add: int = 3
    step: int = 5
    fork: int = 0
    abort: int = 0
    stops: float = 0.0
    many: float = 0.0


STEADY = Mix()
TIGHT = Mix(blocks=9, seqs=5, longest=10, outputs=12, add=2)
SWAPPING = replace(TIGHT, host=30)
FULL_HOST = replace(TIGHT, host=4)
WATERMARK = replace(TIGHT, watermark=2)
PREFIXES = Mix(blocks=14, shared=0.8, longest=12)
ENDING = Mix(blocks=30, stops=0.5, many=0.4, abort=1)
EVERYTHING = Mix(
    blocks=12, tokens=12, longest=14, outputs=9, shared=0.4, fork=1, abort=1, stops=0.2, many=0.1
)
EVERYTHING_SWAPPED = replace(EVERYTHING, host=9, watermark=1)


def programs(fresh_seed: int, size: int, mix: Mix) -> Iterator[Program]:
    """Programs that are always the same, so that grades are, and a fresh one that nobody knows."""
    for seed in (*range(FIXED), fresh_seed):
        yield random_program(seed, size, mix)


def random_program(seed: int, size: int, mix: Mix) -> Program:
    """A program of about `size` operations and some steps more, the same for the same seed."""
    maker = _Maker(Random(seed), mix)
    kinds = ("add", "step", "fork", "abort")
    weights = [getattr(mix, kind) for kind in kinds]
    while len(maker.ops) <= size:
        (kind,) = maker.random.choices(kinds, weights)
        getattr(maker, kind)()
    return (*maker.ops, *steps(LAST))


class _Maker:
    """Appends one operation a call."""

    def __init__(self, random: Random, mix: Mix) -> None:
        self.random = random
        self._mix = mix
        self._names: list[str] = []
        self.ops: list[Op] = [
            new(
                mix.blocks,
                mix.tokens,
                mix.seqs,
                policy=mix.policy,
                watermark=mix.watermark,
                host=mix.host,
            )
        ]

    def add(self) -> None:
        mix, random = self._mix, self.random
        name = f"r{len(self._names)}"
        size = random.randint(1, mix.longest)
        prompt: int | list[int] = size
        if random.random() < mix.shared:
            beginning = random.choice(SHARED)
            prompt = [*beginning[:size], *(random.randrange(9) for _ in range(size - 9))]
        stop = [random.randrange(10, 99) for _ in range(9)] if random.random() < mix.stops else []
        self.ops.append(
            add(
                name,
                prompt,
                random.randint(1, mix.outputs),
                at=len(self.ops) // 3,
                priority=random.randrange(3),
                deadline=random.choice([None, len(self.ops) + random.randrange(30)]),
                client=random.choice("xyz"),
                stop=stop,
            )
        )
        self._names.append(name)

    def step(self) -> None:
        says = {}
        if self._names and self.random.random() < self._mix.many:
            name = self.random.choice(self._names[-4:])
            says[name] = [self.random.randrange(10, 99) for _ in range(self.random.randint(1, 4))]
        gone = []
        if self._mix.abort and self._names and self.random.random() < 0.1:
            gone.append(self.random.choice(self._names[-6:]))
        self.ops.append(step(says, gone))

    def fork(self) -> None:
        """A fork of a request that may well run; else it is an error that changes nothing."""
        if self._names:
            child = f"r{len(self._names)}"
            self.ops.append(fork(self.random.choice(self._names[-4:]), child))
            self._names.append(child)

    def abort(self) -> None:
        if self._names:
            self.ops.append(abort(self.random.choice(self._names[-6:])))
