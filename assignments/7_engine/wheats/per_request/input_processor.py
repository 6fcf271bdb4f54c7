"""Admission as one long condition after the other."""

from __future__ import annotations

from collections.abc import Sequence

from pagedlab.request import Request
from pagedlab.sampling_params import SamplingParams


class InputProcessor:
    """The door."""

    def __init__(self, vocab_size: int, max_model_len: int, num_slots: int) -> None:
        self.tokens = set(range(vocab_size))
        self.length = max_model_len
        self.slots = num_slots

    def process_inputs(
        self, request_id: str, prompt_token_ids: Sequence[int], params: SamplingParams
    ) -> Request:
        """Let it in, or not."""
        made = Request(request_id, [*prompt_token_ids])
        if made.num_tokens == 0:
            raise ValueError("empty")
        for token in made.token_ids:
            if isinstance(token, bool) or not isinstance(token, int) or token not in self.tokens:
                raise ValueError(f"{token!r} is no token")
        room = self.length - made.num_tokens
        if room <= 0:
            raise ValueError("too long for the model")
        made.max_tokens = params.max_tokens if params.max_tokens < room else room
        if made.num_tokens + made.max_tokens > self.slots + 1:
            raise ValueError("too long for the cache")
        made.stop_token_ids = params.stop_token_ids
        return made
