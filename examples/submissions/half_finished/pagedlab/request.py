"""A request as the cache manager sees it: its tokens, and how far they are computed. Given.

Read next in vLLM: `vllm/v1/request.py`. Later stages add what they need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Request:
    """One sequence of tokens on its way through the server. Only its owner changes it.

    Attributes:
        request_id: names it; no two live requests share one.
        token_ids: the prompt and the tokens generated so far, each 0 <= id < 2**63.
        num_computed_tokens: how many of them have their KV in the cache, or get it in the step
            that has just been scheduled.
        extra_keys: what else its KV depends on, such as an adapter's name or a cache salt.
    """

    request_id: str
    token_ids: list[int]
    num_computed_tokens: int = 0
    extra_keys: tuple[str, ...] = ()

    @property
    def num_tokens(self) -> int:
        """Number of tokens so far, prompt and generated."""
        return len(self.token_ids)

    def append_output_token_ids(self, token_ids: Sequence[int]) -> None:
        """Add generated tokens at the end."""
        self.token_ids.extend(token_ids)

    def fork(self, request_id: str) -> Request:
        """A request with the same past, for parallel sampling or beam search.

        Args:
            request_id: of the new request.
        """
        return Request(request_id, list(self.token_ids), self.num_computed_tokens, self.extra_keys)
