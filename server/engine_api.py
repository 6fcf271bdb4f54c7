"""What the server needs of an engine: stage 7's `LLMEngine`, or the double of the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Output(Protocol):
    """What a step gave one request: `RequestOutput` of `pagedlab/outputs.py`."""

    request_id: str
    new_token_ids: tuple[int, ...]
    finish_reason: str | None
    num_cached_tokens: int
    num_preemptions: int


class Stats(Protocol):
    """Where an engine stands: `EngineStats` of `pagedlab/outputs.py`. Counters only grow."""

    num_running_reqs: int
    num_waiting_reqs: int
    num_blocks: int
    num_free_blocks: int
    num_steps: int
    num_computed_tokens: int
    num_generated_tokens: int
    prefix_cache_queries: int
    prefix_cache_hits: int
    num_preemptions: int


class Engine(Protocol):
    """`LLMEngine` of `pagedlab/engine.py`. One thread calls all of it."""

    def add_request(
        self,
        request_id: str,
        prompt_token_ids: Sequence[int],
        params: object,
        *,
        priority: int,
        client: str,
    ) -> None:
        """Let a request wait. Raises ValueError, with a text fit for a client, if it cannot run."""
        ...

    def abort_request(self, request_id: str) -> object:
        """End a request, if there is one, and give its blocks back at once."""
        ...

    def has_unfinished_requests(self) -> bool:
        """Whether `step` has anything to do."""
        ...

    def step(self) -> Sequence[Output]:
        """Make one forward pass; give an output for every request that got tokens."""
        ...

    def stats(self) -> Stats:
        """Give counts of requests, blocks and tokens."""
        ...

    def get_block_ids(self, request_id: str) -> Sequence[int]:
        """Give a request's block table, empty if it holds none."""
        ...


class Codec(Protocol):
    """A tokenizer. `decode` gives U+FFFD for bytes that are no whole character."""

    def encode(self, text: str) -> list[int]:
        """Turn text into token ids. Raises ValueError for text that it cannot express."""
        ...

    def decode(self, ids: list[int]) -> str:
        """Turn token ids into text."""
        ...


@dataclass(frozen=True)
class Sampling:
    """How a request's tokens are drawn, and when they end."""

    max_tokens: int
    temperature: float
    seed: int
    stop_token_ids: frozenset[int]


@dataclass(frozen=True)
class Served:
    """An engine with what the server must know about its model.

    Attributes:
        name: of the model, as clients name it.
        engine: idle.
        codec: the model's tokenizer.
        new_params: makes the engine's own `SamplingParams`.
        max_model_len: most tokens of a request, prompt and generated.
        block_size: token positions that one block holds.
        end_token: the token with which the model ends a text.
        before_text: tokens put in front of every prompt that is given as text.
        cached_block_ids: blocks that have a content hash now; None if that cannot be found out.
    """

    name: str
    engine: Engine
    codec: Codec
    new_params: Callable[[Sampling], object]
    max_model_len: int
    block_size: int
    end_token: int
    before_text: tuple[int, ...] = ()
    cached_block_ids: Callable[[], frozenset[int] | None] = lambda: None
