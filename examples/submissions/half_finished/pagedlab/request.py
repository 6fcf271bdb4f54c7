"""A request: its tokens, how far they are computed, and how it is to be served. Given.

Read next in vLLM: `vllm/v1/request.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum


class RequestStatus(IntEnum):
    """Where a request stands. All from FINISHED_STOPPED on are ends."""

    WAITING = 0
    RUNNING = 1
    PREEMPTED = 2
    FINISHED_STOPPED = 3
    FINISHED_LENGTH_CAPPED = 4
    FINISHED_ABORTED = 5

    @property
    def is_finished(self) -> bool:
        """True if the request is done with, whatever the reason."""
        return self >= RequestStatus.FINISHED_STOPPED


@dataclass(slots=True, eq=False)
class Request:
    """One sequence of tokens on its way through the server. Only its owner changes it.

    The cache manager reads the first four fields alone.

    Attributes:
        request_id: names it; no two live requests share one.
        token_ids: the prompt and the tokens generated so far, each 0 <= id < 2**63.
        num_computed_tokens: how many of them have their KV in the cache, or get it in the step
            that has just been scheduled.
        extra_keys: what else its KV depends on, such as an adapter's name or a cache salt.
        max_tokens: most tokens to generate.
        stop_token_ids: generating one of these ends it; the token is kept.
        arrival_time: seconds, on the server's clock.
        priority: a smaller number is more urgent.
        deadline: when its first token is due, in seconds on the server's clock.
        client: who sent it, for fairness.
        status: where it stands.
        num_cached_tokens: tokens found in the prefix cache when it was first admitted.
        num_preemptions: how often it was preempted.
        num_prompt_tokens: length of the prompt. Tokens behind it were generated.
    """

    request_id: str
    token_ids: list[int]
    num_computed_tokens: int = 0
    extra_keys: tuple[str, ...] = ()
    max_tokens: int = 16
    stop_token_ids: frozenset[int] = frozenset()
    arrival_time: float = 0.0
    priority: int = 0
    deadline: float = math.inf
    client: str = ""
    status: RequestStatus = RequestStatus.WAITING
    num_cached_tokens: int = 0
    num_preemptions: int = 0
    num_prompt_tokens: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.num_prompt_tokens = len(self.token_ids)

    @property
    def num_tokens(self) -> int:
        """Number of tokens so far, prompt and generated."""
        return len(self.token_ids)

    @property
    def num_output_tokens(self) -> int:
        """Number of tokens generated so far."""
        return len(self.token_ids) - self.num_prompt_tokens

    def append_output_token_ids(self, token_ids: Sequence[int]) -> None:
        """Add generated tokens at the end."""
        self.token_ids.extend(token_ids)

    def fork(self, request_id: str) -> Request:
        """A request with the same past, for parallel sampling or beam search.

        Args:
            request_id: of the new request.
        """
        child = replace(self, request_id=request_id, token_ids=list(self.token_ids))
        child.num_prompt_tokens = self.num_prompt_tokens
        return child
