"""An engine of stage 7's shape without a model: blocks are counted, tokens are bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from server.engine_api import Sampling, Served

END = 256


class ByteCodec:
    """Tokens are the bytes of UTF-8, so that most characters take more than one."""

    def encode(self, text: str) -> list[int]:
        if "\0" in text:
            raise ValueError("the tokenizer does not know '\\x00'")
        return list(text.encode())

    def decode(self, ids: list[int]) -> str:
        return bytes(token for token in ids if token != END).decode(errors="replace")


@dataclass
class FakeOutput:
    request_id: str
    new_token_ids: tuple[int, ...]
    finish_reason: str | None
    num_cached_tokens: int = 0
    num_preemptions: int = 0


@dataclass
class FakeStats:
    num_running_reqs: int
    num_waiting_reqs: int
    num_blocks: int
    num_free_blocks: int
    num_steps: int
    num_generated_tokens: int
    num_computed_tokens: int = 0
    prefix_cache_queries: int = 0
    prefix_cache_hits: int = 0
    num_preemptions: int = 0


@dataclass
class FakeRequest:
    prompt: list[int]
    params: Sampling
    num_cached: int = 0
    output: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    priority: int = 0
    client: str = ""


@dataclass
class FakeEngine:
    """First come, first served. A prompt that stands in `replies` is answered by that, others by
    letters drawn from the seed, without end.
    """

    num_blocks: int = 4096
    block_size: int = 4
    max_num_seqs: int = 64
    replies: Mapping[str, Sequence[int]] = field(default_factory=dict)
    on_step: Callable[[FakeEngine], None] = lambda engine: None
    on_add: Callable[[FakeEngine], None] = lambda engine: None
    running: dict[str, FakeRequest] = field(default_factory=dict)
    waiting: dict[str, FakeRequest] = field(default_factory=dict)
    aborted: list[str] = field(default_factory=list)
    added: list[FakeRequest] = field(default_factory=list)
    num_steps: int = 0
    num_generated: int = 0

    def __post_init__(self) -> None:
        self.free = list(range(self.num_blocks, 0, -1))
        self.cached: set[int] = set()
        self.seen: set[tuple[int, ...]] = set()

    def add_request(
        self,
        request_id: str,
        prompt_token_ids: Sequence[int],
        params: object,
        *,
        priority: int,
        client: str,
    ) -> None:
        self.on_add(self)
        assert isinstance(params, Sampling)
        if not all(0 <= token <= END for token in prompt_token_ids):
            raise ValueError("token outside the vocabulary")
        prompt = list(prompt_token_ids)
        if self._num_blocks(len(prompt) + params.max_tokens) > self.num_blocks:
            raise ValueError("the request could outgrow the pool")
        request = FakeRequest(prompt, params, priority=priority, client=client)
        self.waiting[request_id] = request
        self.added.append(request)

    def abort_request(self, request_id: str) -> object:
        self.waiting.pop(request_id, None)
        if request_id in self.running:
            self._release(request_id)
            self.aborted.append(request_id)
        return None

    def has_unfinished_requests(self) -> bool:
        return bool(self.running or self.waiting)

    def step(self) -> list[FakeOutput]:
        self.on_step(self)
        self.num_steps += 1
        self._admit()
        return [self._advance(*item) for item in list(self.running.items())]

    def stats(self) -> FakeStats:
        return FakeStats(
            len(self.running),
            len(self.waiting),
            self.num_blocks,
            len(self.free),
            self.num_steps,
            self.num_generated,
        )

    def get_block_ids(self, request_id: str) -> list[int]:
        return list(self.running[request_id].blocks) if request_id in self.running else []

    def _num_blocks(self, num_tokens: int) -> int:
        return -(-num_tokens // self.block_size)

    def _admit(self) -> None:
        while self.waiting and len(self.running) < self.max_num_seqs:
            request_id, request = next(iter(self.waiting.items()))
            needed = self._num_blocks(len(request.prompt) + request.params.max_tokens)
            if needed > len(self.free):
                return
            del self.waiting[request_id]
            request.blocks = [self.free.pop() for _ in range(needed)]
            self.cached.difference_update(request.blocks)
            full = len(request.prompt) // self.block_size * self.block_size
            prefix = tuple(request.prompt[:full])
            request.num_cached = full if prefix in self.seen else 0
            self.seen.add(prefix)
            self.running[request_id] = request

    def _advance(self, request_id: str, request: FakeRequest) -> FakeOutput:
        token = self._next_token(request)
        request.output.append(token)
        self.num_generated += 1
        reason = None
        if token in request.params.stop_token_ids:
            reason = "stop"
        elif len(request.output) == request.params.max_tokens:
            reason = "length"
        if reason:
            self._release(request_id)
        return FakeOutput(request_id, (token,), reason, request.num_cached)

    def _next_token(self, request: FakeRequest) -> int:
        reply = self.replies.get(ByteCodec().decode(request.prompt))
        if reply is not None:
            return reply[len(request.output)] if len(request.output) < len(reply) else END
        return random.Random(f"{request.params.seed} {len(request.output)}").randint(97, 122)

    def _release(self, request_id: str) -> None:
        blocks = self.running.pop(request_id).blocks
        self.free += reversed(blocks)
        self.cached.update(blocks)


def served_by(engine: FakeEngine, max_model_len: int = 10**6) -> Served:
    return Served(
        name="fake",
        engine=engine,
        codec=ByteCodec(),
        new_params=lambda sampling: sampling,
        max_model_len=max_model_len,
        block_size=engine.block_size,
        end_token=END,
        cached_block_ids=lambda: frozenset(engine.cached),
    )
