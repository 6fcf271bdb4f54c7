"""Slow and obvious: each request alone, token after token, by the plain implementation's own loop.

Looks at outputs and at free blocks only, and knows no plan, table or batch. Hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from stage7.contract import Contract
from stage7.plain import model_of

from autograder.program.model import Observation, Op, Violation
from language_model.generate import generate


@lru_cache(maxsize=1024)
def said(
    prompt: tuple[int, ...], temperature: float, seed: int, request: int, most: int
) -> tuple[int, ...]:
    """What the tiny model says after a prompt."""
    model = model_of("tiny")
    tokens = generate(model, list(prompt), temperature=temperature, seed=seed, request=request)
    return tuple(token for token, _ in zip(tokens, range(most), strict=False))


@dataclass
class _Told:
    """A request and what came out of it."""

    params: Any
    prompt: tuple[int, ...]
    came: list[int] = field(default_factory=list)


class Oracle:
    """All of the contract, and for whole requests the plain loop besides."""

    def __init__(self) -> None:
        self._contract = Contract()
        self._told: dict[str, _Told] = {}
        self._blocks = 0

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every difference that this operation shows."""
        yield from self._contract.step(op, seen)
        args: Any = op.args
        if op.name == "engine":
            self._blocks = args["num_blocks"] - 1
        elif op.name == "add" and not seen.error:
            self._told[op.binds] = _Told(args["params"], tuple(args["prompt"]))
        for one in _steps(op, seen):
            for output in one["outputs"]:
                yield from self._came(output)
        stats = seen.state.get("stats")
        if seen.state.get("unfinished") is False and isinstance(stats, dict):
            free = stats.get("num_free_blocks")
            if free != self._blocks:
                yield Violation("I13", f"all {self._blocks} blocks are free at the end", f"{free}")

    def _came(self, output: Any) -> Iterator[Violation]:
        told = self._told.get(output["request_id"])
        if told is None:  # a fork: the contract looks at it
            return
        told.came += output["new_token_ids"]
        if not output["finished"]:
            return
        params = told.params
        key = (params["temperature"], params["seed"], params["request"])
        due = list(said(told.prompt, *key, params["max_tokens"]))
        stops = [at for at, token in enumerate(due) if token in params["stop"]]
        due = due[: stops[0] + 1] if stops else due
        if told.came != due:
            yield Violation("I9", f"{output['request_id']} gets {due}", f"{told.came}")


def _steps(op: Op, seen: Observation) -> Iterator[Any]:
    result: Any = seen.result
    if op.name == "step" and isinstance(result, dict):
        yield result
    elif op.name == "run" and isinstance(result, list):
        yield from result
