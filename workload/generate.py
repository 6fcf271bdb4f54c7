"""Generates a trace from a model: a pure function of the model, the number and the seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workload.model import Model
from workload.sessions import grow
from workload.trace import Trace, WorkloadError


def generate(model: Model, requests: int | None = None, seed: int = 0, rate: float = 1.0) -> Trace:
    """Generate one trace.

    Arrivals, lengths and sessions have random streams of their own (PCG64, spawned from the seed).

    Args:
        model: fitted or named.
        requests: how many; as many as the real trace has if not given.
        seed: not negative. The same seed gives the same trace on every machine with this numpy.
        rate: how many times as fast requests arrive. It stretches time alone: what arrives, and in
            which order, stays the same.

    Returns:
        The trace.

    Raises:
        WorkloadError: `requests` or `rate` is not positive.
    """
    count = model.requests if requests is None else requests
    if count < 1 or rate <= 0:
        raise WorkloadError(f"{model.name}: requests and rate must be positive: {count}, {rate}")
    streams = [np.random.Generator(np.random.PCG64(s)) for s in _seeds(seed)]
    arrivals = model.arrivals.draw(count, streams[0])
    outputs = model.output.draw(arrivals, streams[1])
    if model.sessions is None:
        prompts = model.prompt.draw(arrivals, streams[2])
        return Trace(model.name, arrivals / rate, prompts, outputs)
    turns = list(grow(model.sessions, arrivals, outputs, streams[2]))
    return Trace(
        model.name,
        arrivals / rate,
        np.array([turn.prompt_tokens for turn in turns], dtype=np.int64),
        outputs,
        tuple(turn.blocks for turn in turns),
        model.sessions.block_tokens,
    )


def _seeds(seed: int) -> list[np.random.SeedSequence]:
    return np.random.SeedSequence(seed).spawn(3)


def without_blocks(trace: Trace) -> Trace:
    """Give the same requests, as if nothing of their prompts were shared."""
    return replace(trace, blocks=(), block_tokens=0)
