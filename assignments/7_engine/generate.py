"""Random programs: plans for a model runner, and traffic for an engine."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from stage7.generate_plans import Planner
from stage7.operations import P, abort, add, engine, fork, own_prompt, run, runner, step

from autograder.program.model import Op, Program

FIXED = 1
"""Programs that do not depend on the run's seed."""


def plans(
    seed: int, count: int, steps: int = 14, *, host: int = 0, forks: float = 0.0
) -> Iterator[Program]:
    """Programs about a runner; the first ones do not depend on the seed."""
    for number in range(count):
        random = Random(f"{number}/{seed if number >= FIXED else 'fixed'}/{host}/{forks}")
        blocks, seqs = random.choice([8, 12, 18]), random.choice([2, 3, 5])
        planner = Planner(random, blocks, host, seqs)
        yield (runner(blocks, host, seqs + 1), *planner.steps(steps, forks))


def traffic(seed: int, count: int, *, tight: bool = False, **settings: Any) -> Iterator[Program]:
    """Programs about an engine that serves random requests until all have ended.

    Args:
        seed: of the run.
        count: number of programs.
        tight: memory for two requests at most.
        settings: of the engine.
    """
    for number in range(count):
        fresh = seed if number >= FIXED else "fixed"
        random = Random(f"{number}/{fresh}/{tight}/{sorted(settings)}")
        yield tuple(_traffic(random, tight, settings))


def _traffic(random: Random, tight: bool, settings: dict[str, Any]) -> Iterator[Op]:
    blocks = random.randint(7, 9) if tight else random.randint(16, 40)
    tokens, seqs = random.choice([4, 6, 16, 40]), random.choice([2, 3, 4])
    yield engine(blocks, tokens, seqs, **settings)
    names: list[str] = []
    for number in range(random.randint(3, 5)):
        name = random.choice(names) if names and random.random() < 0.1 else f"r{number}"
        size = random.choice([1, P, P + 1, 2 * P, random.randint(1, 11)])
        prompt = own_prompt("shared", 8) if random.random() < 0.4 else []
        prompt = [*prompt, *own_prompt(f"{name}{number}", size)][:12]
        params = {"temperature": random.choice([0.0, 1.0]), "seed": number, "request": size}
        stop = random.sample(range(64), 4) if random.random() < 0.4 else []
        yield add(name, prompt, random.randint(1, 7), stop=stop, **params)
        names.append(name)
        for _ in range(random.choice([0, 0, 1, 2])):
            yield step()
        if random.random() < 0.15:
            yield abort(random.choice(names))
        if random.random() < 0.2:
            yield fork(random.choice(names), f"k{number}", seed=number, request=99)
    yield run()
    yield add("last", 5, 2)
    yield run()
