"""The JSON of answers, in the form of OpenAI's API ("Create completion", "List models")."""

from __future__ import annotations

import json
from dataclasses import dataclass

from server.sequence import Delta

DONE = b"data: [DONE]\n\n"


@dataclass
class Whole:
    """The completion of one prompt, as far as it came.

    Attributes:
        text: all of it.
        last: the last delta, None before the first.
    """

    text: str = ""
    last: Delta | None = None

    def add(self, delta: Delta) -> None:
        """Take the next delta."""
        self.text += delta.text
        self.last = delta


@dataclass(frozen=True)
class Answer:
    """What all parts of one answer have in common.

    Attributes:
        request_id: of the request.
        created: Unix time of the answer, in seconds.
        model: name of the model.
    """

    request_id: str
    created: int
    model: str

    def whole(self, wholes: list[Whole]) -> dict[str, object]:
        """The answer in one piece, with a choice for every prompt."""
        choices = [
            _choice(index, whole.text, whole.last)
            for index, whole in enumerate(wholes)
            if whole.last is not None
        ]
        return {**self._head(), "choices": choices, "usage": _usage(wholes)}

    def chunk(self, index: int, delta: Delta, include_usage: bool) -> dict[str, object]:
        """A piece of a stream. Its `usage` is null where the stream ends with the usage."""
        usage = {"usage": None} if include_usage else {}
        return {**self._head(), "choices": [_choice(index, delta.text, delta)], **usage}

    def usage_chunk(self, wholes: list[Whole]) -> dict[str, object]:
        """The piece with the counts of tokens and no text."""
        return {**self._head(), "choices": [], "usage": _usage(wholes)}

    def _head(self) -> dict[str, object]:
        return {
            "id": self.request_id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model,
        }


def event(data: dict[str, object]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"


def model_card(name: str, created: int, max_model_len: int) -> dict[str, object]:
    """What is said of a model."""
    return {
        "id": name,
        "object": "model",
        "created": created,
        "owned_by": "pagedlab",
        "max_model_len": max_model_len,
    }


def _choice(index: int, text: str, delta: Delta) -> dict[str, object]:
    return {
        "index": index,
        "text": text,
        "logprobs": None,
        "finish_reason": delta.finish_reason,
        "stop_reason": delta.stop_reason,
    }


def _usage(wholes: list[Whole]) -> dict[str, object]:
    usages = [whole.last.usage for whole in wholes if whole.last is not None]
    prompt = sum(usage.prompt_tokens for usage in usages)
    completion = sum(usage.completion_tokens for usage in usages)
    cached = sum(usage.cached_tokens for usage in usages)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
