"""One request on its way through the server: what the engine returns becomes text for a client.

Read next in vLLM: `vllm/v1/engine/output_processor.py` (`RequestState`, `OutputProcessor`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from server.detokenizer import IncrementalDetokenizer
from server.engine_api import Codec, Output
from server.stop_strings import StopStrings

FinishReason = Literal["stop", "length", "abort"]


@dataclass(frozen=True)
class Usage:
    """Tokens of a request so far.

    Attributes:
        prompt_tokens: of the prompt.
        cached_tokens: those of them that were found in the prefix cache.
        completion_tokens: generated, with the one that ended the text.
    """

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Delta:
    """What a client gets next.

    Attributes:
        text: new text, which may be empty: a part of a character, or of a stop string, waits.
        usage: tokens so far.
        finish_reason: set in the last delta of a request alone.
        stop_reason: the stop string that ended the text, if one did.
    """

    text: str
    usage: Usage
    finish_reason: FinishReason | None = None
    stop_reason: str | None = None


@dataclass
class Sequence:
    """A request's tokens and text. The engine's thread alone changes it.

    Attributes:
        request_id: names it, here and in the engine.
        number: counts requests; the page makes a colour of it.
        prompt: its token ids.
        hidden: tokens that are not part of the text, such as the one that ends it.
        codec: the model's tokenizer.
        stop: strings that end it.
        num_output_tokens: generated so far.
        num_cached_tokens: of the prompt, found in the prefix cache.
        num_preemptions: how often it lost its blocks.
        finish_reason: why it ended, None as long as it has not.
    """

    request_id: str
    number: int
    prompt: list[int]
    hidden: frozenset[int]
    codec: Codec
    stop: tuple[str, ...] = ()
    num_output_tokens: int = 0
    num_cached_tokens: int = 0
    num_preemptions: int = 0
    finish_reason: FinishReason | None = None
    _detokenizer: IncrementalDetokenizer = field(init=False)
    _stops: StopStrings = field(init=False)

    def __post_init__(self) -> None:
        """Start without text."""
        self._detokenizer = IncrementalDetokenizer(self.codec)
        self._stops = StopStrings(self.stop)

    @property
    def usage(self) -> Usage:
        """Tokens so far."""
        return Usage(len(self.prompt), self.num_cached_tokens, self.num_output_tokens)

    @property
    def is_finished(self) -> bool:
        """Whether its last delta is made."""
        return self.finish_reason is not None

    def take(self, output: Output) -> Delta:
        """Take a step's output. A stop string found in it finishes the sequence, token for token.

        Tokens behind a stop string are dropped, and not counted.
        """
        self.num_cached_tokens = output.num_cached_tokens
        self.num_preemptions = output.num_preemptions
        text = ""
        for token in output.new_token_ids:
            self.num_output_tokens += 1
            if token not in self.hidden:
                text += self._stops.add(self._detokenizer.add((token,)))
            if self._stops.found is not None:
                break
        if self._stops.found is None and output.finish_reason is not None:
            text += self._stops.add(self._detokenizer.flush())
            text += self._stops.flush()
        if self._stops.found is not None:
            self.finish_reason = "stop"
        elif output.finish_reason is not None:
            self.finish_reason = _known(output.finish_reason)
        return Delta(text, self.usage, self.finish_reason, self._stops.found)

    def abort(self) -> Delta:
        """End it where it is; give its last delta."""
        self.finish_reason = "abort"
        return Delta("", self.usage, "abort")


def _known(reason: str) -> FinishReason:
    for known in ("stop", "length", "abort"):
        if reason == known:
            return known
    raise ValueError(f"the engine finished a request for the unknown reason {reason!r}")
