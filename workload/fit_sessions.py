"""Fits how turns follow one another, from a window of a longer trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from workload.prefix import Link, depths, links
from workload.quantiles import fit_table
from workload.trace import Floats, Trace

MOST_TURNS = 8
"""After that many turns, sessions all go on alike."""


def fit_sessions(trace: Trace, beyond: int) -> dict[str, Any]:
    """Fit `workload.sessions.Sessions`.

    Only requests with more than `beyond` whole blocks can be seen to be continued. And what would
    come after the window's end is not seen: a pause of g seconds is seen from all but the last g,
    so it is weighted by the inverse of that share, and a request counts as one that could have been
    continued by the share of pauses that end within the window.
    """
    size = trace.block_tokens
    found = links(trace, beyond)
    turn = np.array(depths(trace, found))
    prompts = trace.prompt_tokens
    pauses, weights = _pauses(trace, found)
    whole, partial = _parted(trace, found)
    kept, rarity = _kept_blocks(trace, found, partial)
    rewritten = [prompts[link.index] - link.shared * size for link in partial]
    return {
        "block_tokens": size,
        "roots": [beyond],
        "root_weights": [1.0],
        "first_prompt": list(fit_table(prompts[turn == 1].astype(np.float64), 1.0).values),
        "goes_on": _goes_on(trace, found, turn, pauses, weights, beyond),
        "pauses": list(fit_table(pauses, 0.1, weights).values),
        "second": _messages(trace, [link for link in whole if turn[link.index] == 2]),
        "later": _messages(trace, [link for link in whole if turn[link.index] > 2]),
        "branches": float(f"{rarity.sum() / len(found):.3g}"),
        "kept": list(fit_table(kept, 1.0, rarity).values),
        "rewritten": list(fit_table(np.array(rewritten, dtype=np.float64), 1.0).values),
        "longest": int(prompts.max()),
    }


def _pauses(trace: Trace, found: list[Link]) -> tuple[Floats, Floats]:
    ends = trace.arrivals[[link.index for link in found]]
    pauses = ends - trace.arrivals[[link.before for link in found]]
    return pauses, 1 / np.maximum(0.05, 1 - pauses / trace.arrivals[-1])


def _parted(trace: Trace, found: list[Link]) -> tuple[list[Link], list[Link]]:
    """Part the links into those that keep every whole block of the prompt before, and others."""
    before = trace.prompt_tokens // trace.block_tokens
    whole = [link for link in found if link.shared >= before[link.before]]
    return whole, [link for link in found if link.shared < before[link.before]]


def _messages(trace: Trace, whole: list[Link]) -> list[float]:
    """Give the table of what a turn adds to the prompt and the reply before it."""
    prompts = trace.prompt_tokens
    said = [prompts[link.before] + trace.output_tokens[link.before] for link in whole]
    added = prompts[[link.index for link in whole]] - np.array(said)
    return list(fit_table(added.astype(np.float64), 1.0).values)


def _kept_blocks(trace: Trace, found: list[Link], partial: list[Link]) -> tuple[Floats, Floats]:
    """Give the blocks that branches keep, and for each how many its observation stands for.

    A branch that keeps k blocks is only possible after a prompt with more than k whole ones.
    """
    before = trace.prompt_tokens // trace.block_tokens
    whole = np.sort(before[[link.before for link in found]])
    kept = np.array([link.shared for link in partial], dtype=np.int64)
    longer = 1 - np.searchsorted(whole, kept, side="right") / len(whole)
    return kept.astype(np.float64), 1 / np.maximum(0.02, longer)


def _goes_on(
    trace: Trace,
    found: list[Link],
    turn: np.ndarray[Any, np.dtype[np.int64]],
    pauses: Floats,
    weights: Floats,
    beyond: int,
) -> list[float]:
    order = np.argsort(pauses)
    reached = np.cumsum(weights[order]) / weights.sum()
    left = trace.arrivals[-1] - trace.arrivals
    seen = np.interp(left, pauses[order], reached, left=0.0)
    could = np.where(trace.prompt_tokens // trace.block_tokens > beyond, seen, 0.0)
    went_on = np.zeros(len(trace))
    went_on[list({link.before for link in found})] = 1
    deep = np.minimum(turn, MOST_TURNS)
    return [
        float(f"{min(0.95, went_on[deep == at].sum() / could[deep == at].sum()):.3g}")
        for at in range(1, MOST_TURNS + 1)
    ]
