"""How the tokens of a request are drawn, and when it ends. Given.

Read next in vLLM: `vllm/sampling_params.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST_SEED = 2**64 - 1


@dataclass(frozen=True)
class SamplingParams:
    """What one request asks for.

    The token at a position is drawn with noise that hangs on `seed`, `request` and the position
    alone, so that neither batch nor preemption changes it.

    Attributes:
        max_tokens: most tokens to generate.
        temperature: 1 is the model's own distribution, less is safer; at 0 the most likely token.
        seed: keys the noise. 0 <= seed < 2**64.
        request: keys the noise, too: requests of one seed that are to differ have different
            numbers. 0 <= request < 2**64.
        stop_token_ids: generating one of these ends the request; the token is kept.

    Raises:
        ValueError: one of them is out of range.
    """

    max_tokens: int = 16
    temperature: float = 1.0
    seed: int = 0
    request: int = 0
    stop_token_ids: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {self.max_tokens}")
        if not 0 <= self.temperature < math.inf:
            raise ValueError(f"temperature must be finite and at least 0, not {self.temperature}")
        for name, number in (("seed", self.seed), ("request", self.request)):
            if not 0 <= number <= LARGEST_SEED:
                raise ValueError(f"{name} must be from 0 to 2**64 - 1, not {number}")
