"""Random operation programs, each with a mix of operations that puts one part under pressure.

A program is made beside a model of a correct manager, so that its steps are in order: no more
tokens are computed or taken back than there are, and what a lookup found is used at once. At its
end every request gives its blocks back.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from stage2.generate_rows import row_program
from stage2.language import fork, fork_onto, free, generate, lookup, new, request, step, truncate
from stage2.mixes import EVERYTHING, Mix
from stage2.model import Model

from autograder.program.model import Op, Program

FIXED = 4
"""Programs that do not depend on the run's seed."""
NAMES = "abcdefghijklmnop"
KINDS = ("admit", "grow", "fork", "truncate", "free", "preempt", "misuse")


def programs(fresh_seed: int, size: int, mix: Mix) -> Iterator[Program]:
    """Programs that are always the same, so that grades are, and a fresh one that nobody knows."""
    for seed in (*range(FIXED), fresh_seed):
        yield random_program(seed, size, 9 + seed % 8, mix)


def random_program(seed: int, size: int, num_blocks: int = 9, mix: Mix = EVERYTHING) -> Program:
    """A program of about `size` operations on a manager, the same for the same seed."""
    maker = _Maker(Random(seed), num_blocks, mix)
    weights = [getattr(mix, kind) for kind in KINDS]
    while len(maker.ops) < size:
        (kind,) = maker.random.choices(KINDS, weights)
        getattr(maker, kind)()
    maker.finish()
    return tuple(maker.ops)


def fuzz_program(seed: int, size: int) -> Program:
    """A program of about `size` operations for long runs against the oracle: mostly managers."""
    random = Random(seed)
    if random.random() < 0.2:
        return row_program(seed, size)
    return random_program(seed, size, random.randint(2, 14), EVERYTHING)


class _Maker:
    """Appends one operation, or one small group of them, per call, and follows them in a model."""

    def __init__(self, random: Random, num_blocks: int, mix: Mix) -> None:
        self.random = random
        self.ops: list[Op] = []
        self._mix = mix
        self._model = Model()
        self._live: list[str] = []
        self._add(new(num_blocks, random.choice((1, 2, 3, 4)), mix.caching))

    def admit(self) -> None:
        if len(self._live) >= self._mix.live:
            return
        tokens = self._tokens(self.random.randint(1, self._mix.longest))
        keys = self.random.choices(("", "lora"), (4, 1))[0] if self._mix.caching else ""
        name = self._new_name()
        self._add(request(name, tokens, *keys.split()))
        self._begin(name)

    def grow(self) -> None:
        name = self._pick()
        if name and not self._left(name):
            self._add(generate(name, *self._tokens(self.random.choice((1, 1, 1, 2, 5)))))
        if name:
            self._compute(name, self.random.choice((1, self._left(name))))

    def fork(self) -> None:
        name = self._pick()
        if name and len(self._live) < self._mix.live:
            self._add(fork(self._new_name(), name))

    def truncate(self) -> None:
        name = self._pick()
        if name:
            self._add(truncate(name, self.random.randint(0, self._model.done[name])))

    def free(self) -> None:
        name = self._pick()
        if name:
            self._live.remove(name)
            self._add(free(name))

    def preempt(self) -> None:
        name = self._pick()
        if name:
            self._add(free(name))
            if self._left(name):
                self._begin(name)

    def misuse(self) -> None:
        name = self._pick()
        if name:
            done = self._model.done[name]
            wrong = [step(name, 0), step(name, self._left(name) + 1), truncate(name, done + 1)]
            wrong += [fork_onto(name, name)] if self._model.tables[name] else []
            self._add(self.random.choice(wrong))

    def finish(self) -> None:
        for name in self._live:
            self._add(free(name))

    def _begin(self, name: str) -> None:
        """Look a request up, mostly, and compute a part of its tokens or all of them."""
        hit = ""
        if self.random.random() < 0.8:
            hit = f"h{name}"
            self._add(lookup(hit, name))
        held = len(self._model.lookups.get(hit, ())) * self._model.size
        left = len(self._model.tokens[name]) - held
        self._compute(name, self.random.choice((left, self.random.randint(1, left))), hit)

    def _compute(self, name: str, count: int, hit: str = "") -> None:
        reserved = self.random.choice((0, 0, 0, 0, 1, 3)) if self._mix.reserve else 0
        self._add(step(name, count, hit, reserved))

    def _add(self, op: Op) -> None:
        """Append an operation and carry it out on the model."""
        self.ops.append(op)
        model = self._model
        if model.due(op):
            return
        if op.name == "lookup":
            name = str(op.args["request"])
            count = model.num_found(name)
            model.lookups[op.binds] = [model.right(name, index)[0] for index in range(count)]
        elif op.name == "step":
            plan = model.plan(op)
            if plan.fits:
                unhashed = [key for key in plan.waiting if key not in model.cached]
                taken = [*unhashed[: plan.missing], *model.evicted(plan)]
                model.take(str(op.args["request"]), plan, taken)
        else:
            model.apply(op)

    def _left(self, name: str) -> int:
        """Tokens of a request that are not computed."""
        return len(self._model.tokens[name]) - self._model.done[name]

    def _pick(self) -> str:
        return self.random.choice(self._live) if self._live else ""

    def _tokens(self, count: int) -> list[int]:
        return [self.random.randrange(self._mix.vocabulary) for _ in range(count)]

    def _new_name(self) -> str:
        """A name that no live request has; those of finished ones come back."""
        name = next(name for name in NAMES if name not in self._live)
        self._live.append(name)
        return name
