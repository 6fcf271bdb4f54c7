"""A sequence to be generated, with all that the engine's thread has to know of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from server.channel import Channel
from server.engine_api import Sampling
from server.sequence import Delta, Sequence

logger = logging.getLogger("pagedlab.server")


@dataclass(frozen=True)
class Job:
    """A sequence to be generated.

    Attributes:
        sequence: its tokens and its text.
        channel: where its deltas go.
        index: of the sequence in the channel.
        sampling: how its tokens are drawn.
        priority: for policies that heed it; a smaller number is more urgent.
        client: who asks, for policies that are fair to clients.
    """

    sequence: Sequence
    channel: Channel
    index: int
    sampling: Sampling
    priority: int
    client: str


def log_end(request_id: str, last: Delta) -> None:
    """Log what became of a request, in one line."""
    usage = last.usage
    logger.info(
        "%s: %d prompt tokens (%d cached), %d generated, %s",
        request_id,
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.completion_tokens,
        last.finish_reason,
    )
