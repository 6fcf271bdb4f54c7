"""Requests that begin alike: system prompts, and conversations that carry their history along."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from workload.quantiles import QuantileTable
from workload.ranks import spread
from workload.trace import Floats, Ints


@dataclass(frozen=True)
class Sessions:
    """How turns follow one another; lengths in tokens, blocks of `block_tokens`.

    A session begins with one of the system prompts: `roots` are their lengths in blocks (0: none),
    `root_weights` how often each occurs. After its turn d it goes on with probability
    `goes_on[d - 1]` (the last one for all later turns), `pauses` seconds later. A turn's prompt is
    the one before, the reply to it and a message: `second` in the second turn, `later` after that.
    But with probability `branches`, if the prompt before has more than `kept` whole blocks, it
    keeps only those and adds `rewritten` tokens. A session that reaches `longest` tokens ends.
    """

    block_tokens: int
    roots: tuple[int, ...]
    root_weights: tuple[float, ...]
    first_prompt: QuantileTable
    goes_on: tuple[float, ...]
    pauses: QuantileTable
    second: QuantileTable
    later: QuantileTable
    branches: float
    kept: QuantileTable
    rewritten: QuantileTable
    longest: int


@dataclass(frozen=True)
class Turn:
    """One request of a session: its place in it, from 1, and what its prompt is made of."""

    depth: int
    root: int
    prompt_tokens: int
    blocks: tuple[int, ...]


def grow(
    model: Sessions, arrivals: Floats, outputs: Ints, rng: np.random.Generator
) -> Iterator[Turn]:
    """Give one turn for each arrival.

    An arrival is the next turn of the session that has waited longest beyond its pause, or the
    first of a new session if none is due. So arrivals stay as they are, and the first minutes have
    few later turns, as a window cut from a longer trace has.
    """
    draws = _Draws(model, len(arrivals), rng)
    due: list[tuple[float, int, Turn, int]] = []
    for index, (now, output) in enumerate(zip(arrivals.tolist(), outputs.tolist(), strict=True)):
        turn = None
        while due and due[0][0] <= now and turn is None:
            _, _, before, reply = heapq.heappop(due)
            turn = draws.next_turn(before, reply)
        turn = turn or draws.first_turn()
        yield turn
        if rng.random() < model.goes_on[min(turn.depth, len(model.goes_on)) - 1]:
            heapq.heappush(due, (now + draws.pause(), index, turn, output))


class _Draws:
    """Random parts of sessions, each from its own table, and block ids that are given out once."""

    def __init__(self, model: Sessions, requests: int, rng: np.random.Generator) -> None:
        self._model = model
        self._rng = rng
        starts = np.cumsum([0, *model.roots]).tolist()
        pairs = zip(starts, model.roots, strict=False)
        self._roots = [tuple(range(start, start + size)) for start, size in pairs]
        self._ids = count(starts[-1])
        weights = np.array(model.root_weights)
        self._root_order = iter(rng.choice(len(weights), requests, p=weights / weights.sum()))
        self._prompts = self._stream(model.first_prompt, requests)
        self._second = self._stream(model.second, requests)
        self._later = self._stream(model.later, requests)
        self._rewritten = self._stream(model.rewritten, requests)
        self._kept = self._stream(model.kept, requests)
        self._pauses = self._stream(model.pauses, requests)

    def _stream(self, table: QuantileTable, requests: int) -> Iterator[float]:
        # Spread in short runs, so that what is used of the stream has the table's tail.
        for _ in range(0, requests, 256):
            yield from table.at(spread(256, self._rng)).tolist()

    def pause(self) -> float:
        return next(self._pauses)

    def first_turn(self) -> Turn:
        root = int(next(self._root_order))
        prefix = self._roots[root]
        least = max(1, len(prefix) * self._model.block_tokens)
        tokens = min(max(least, round(next(self._prompts))), self._model.longest)
        return Turn(1, root, tokens, self._extended(prefix, tokens))

    def next_turn(self, before: Turn, reply: int) -> Turn | None:
        """Give the turn after `before` and its reply, or None if it would be too long."""
        size = self._model.block_tokens
        whole = before.prompt_tokens // size
        message = next(self._second if before.depth == 1 else self._later)
        tokens = before.prompt_tokens + reply + max(1, round(message))
        kept = max(len(self._roots[before.root]), round(next(self._kept)))
        if kept < whole and self._rng.random() < self._model.branches:
            whole = kept
            tokens = kept * size + max(1, round(next(self._rewritten)))
        if tokens > self._model.longest:
            return None
        blocks = self._extended(before.blocks[:whole], tokens)
        return Turn(before.depth + 1, before.root, tokens, blocks)

    def _extended(self, prefix: tuple[int, ...], tokens: int) -> tuple[int, ...]:
        missing = -(-tokens // self._model.block_tokens) - len(prefix)
        return (*prefix, *(next(self._ids) for _ in range(missing)))
