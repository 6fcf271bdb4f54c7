"""What all readers share: one clear line for each thing that is wrong, and the trace at the end."""

from __future__ import annotations

import numpy as np

from workload.trace import Request, Trace, WorkloadError

MOST_TOKENS = 10**8
"""A length beyond this is a mistake in the file."""


class Bad(Exception):
    """What is wrong with a line, in a few words."""


def tokens(value: object, what: str) -> int:
    """Give a length in tokens.

    Raises:
        Bad: it is no whole number from 0 to MOST_TOKENS.
    """
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else -1
    except ValueError:
        number = -1
    if not 0 <= number <= MOST_TOKENS:
        raise Bad(f"{what} must be a whole number of tokens, not {str(value)[:40]!r}")
    return number


def build_trace(file: str, requests: list[Request], block_tokens: int = 0) -> Trace:
    """Give the trace of what was read: sorted by arrival, starting at 0, lengths at least 1.

    Lengths of 0 occur in real files (a request that was broken off); they count as 1.

    Raises:
        WorkloadError: there are fewer than two requests, or all arrive at once.
    """
    ordered = sorted(requests, key=lambda request: request.arrival)
    if len(ordered) < 2 or ordered[-1].arrival == ordered[0].arrival:
        raise WorkloadError(f"{file}: a trace needs two requests with different arrivals")
    arrivals = np.array([request.arrival for request in ordered])
    return Trace(
        file,
        arrivals - arrivals[0],
        np.array([max(1, request.prompt_tokens) for request in ordered], dtype=np.int64),
        np.array([max(1, request.output_tokens) for request in ordered], dtype=np.int64),
        tuple(request.blocks for request in ordered) if block_tokens else (),
        block_tokens,
    )
