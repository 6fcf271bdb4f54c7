"""The JSON of answers, in the form of OpenAI's API ("Create completion", "List models")."""

from __future__ import annotations

import json
from dataclasses import dataclass

from server.sequence import Delta, Usage

DONE = b"data: [DONE]\n\n"


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

    def whole(self, text: str, last: Delta) -> dict[str, object]:
        """The answer in one piece."""
        return {**self._head(), "choices": [_choice(text, last)], "usage": _usage(last.usage)}

    def chunk(self, delta: Delta, include_usage: bool) -> dict[str, object]:
        """A piece of a stream. Its `usage` is null where the stream ends with the usage."""
        usage = {"usage": None} if include_usage else {}
        return {**self._head(), "choices": [_choice(delta.text, delta)], **usage}

    def usage_chunk(self, last: Delta) -> dict[str, object]:
        """The piece with the counts of tokens and no text."""
        return {**self._head(), "choices": [], "usage": _usage(last.usage)}

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


def _choice(text: str, delta: Delta) -> dict[str, object]:
    return {
        "index": 0,
        "text": text,
        "logprobs": None,
        "finish_reason": delta.finish_reason,
        "stop_reason": delta.stop_reason,
    }


def _usage(usage: Usage) -> dict[str, object]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }
