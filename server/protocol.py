"""Reads the body of `POST /v1/completions`: every field is checked, and none is passed over.

After OpenAI's API reference ("Create completion") and vLLM's `CompletionRequest`
(vllm/entrypoints/openai/completion/protocol.py), whose `priority` and `ignore_eos` are kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeGuard

from server.errors import ApiError

Prompt = str | tuple[int, ...]
MOST_PROMPTS, MOST_STOPS, LONGEST_STOP = 64, 4, 256
SEEDS = 2**64

# Fields of OpenAI's API with the one value that asks for nothing that is not served.
NEUTRAL: Mapping[str, object] = {
    "n": 1,
    "best_of": 1,
    "echo": False,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "top_p": 1,
    "logit_bias": {},
    "suffix": "",
}


@dataclass(frozen=True)
class CompletionRequest:
    """A completion that a client asks for.

    Attributes:
        prompts: each a text, or token ids; each gets a completion of its own.
        model: the model's name, None for the one that is served.
        max_tokens: most tokens to generate.
        temperature: 0 takes the likeliest token; 1 is the model's own distribution.
        seed: of the sampling, None for any.
        stop: the text ends before the first of these.
        stream: send the text as it is generated.
        include_usage: end a stream with the counts of tokens.
        ignore_eos: go on behind the token with which the model ends a text.
        user: who asks, for policies that are fair to users.
        priority: for policies that heed it; a smaller number is more urgent.
    """

    prompts: tuple[Prompt, ...]
    model: str | None = None
    max_tokens: int = 16
    temperature: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    include_usage: bool = False
    ignore_eos: bool = False
    user: str = ""
    priority: int = 0


def parse_completion(body: bytes) -> CompletionRequest:
    """Read a request.

    Raises:
        ApiError: status 400; says which field is at fault, and what it may be.
    """
    fields = _Fields(_parse_object(body))
    request = CompletionRequest(
        prompts=fields.prompts(),
        model=fields.text("model", None),
        max_tokens=fields.integer("max_tokens", 16, 1, 2**31),
        temperature=fields.number("temperature", 1.0, 0.0, 2.0),
        seed=fields.seed(),
        stop=fields.stop(),
        stream=fields.flag("stream"),
        include_usage=fields.include_usage(),
        ignore_eos=fields.flag("ignore_eos"),
        user=fields.text("user", None) or "",
        priority=fields.integer("priority", 0, -(2**31), 2**31),
    )
    fields.refuse_the_rest()
    if request.include_usage and not request.stream:
        _wrong("stream_options", "left out, unless stream is true")
    return request


def _parse_object(body: bytes) -> dict[str, object]:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    try:
        data = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except RecursionError:
        raise ApiError(400, "The body is nested too deeply.") from None
    except ValueError as error:
        raise ApiError(400, f"The body is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return data


class _Fields:
    """The fields of a body. Each is taken once; null stands for a field left out."""

    def __init__(self, data: dict[str, object]) -> None:
        self._data = {name: value for name, value in data.items() if value is not None}

    def prompts(self) -> tuple[Prompt, ...]:
        value = self._data.pop("prompt", None)
        # A list of numbers is one prompt.
        is_many = isinstance(value, list) and any(isinstance(one, str | list) for one in value)
        prompts = value if is_many and isinstance(value, list) else [value]
        if len(prompts) > MOST_PROMPTS:
            _wrong("prompt", f"at most {MOST_PROMPTS} prompts")
        return tuple(map(_prompt, prompts))

    def text(self, name: str, default: str | None) -> str | None:
        value = self._data.pop(name, default)
        if value is not None and not (isinstance(value, str) and len(value) <= 256):
            _wrong(name, "a text of at most 256 characters")
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self._data.pop(name, default)
        if not _is_integer(value) or not low <= value < high:
            _wrong(name, f"an integer from {low} to {high - 1}")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self._data.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            _wrong(name, "a number")
        if not (low <= value <= high and math.isfinite(value)):
            _wrong(name, f"from {low:g} to {high:g}")
        return float(value)

    def flag(self, name: str) -> bool:
        value = self._data.pop(name, False)
        if not isinstance(value, bool):
            _wrong(name, "true or false")
        return value

    def seed(self) -> int | None:
        if "seed" not in self._data:
            return None
        return self.integer("seed", 0, -SEEDS // 2, SEEDS) % SEEDS

    def stop(self) -> tuple[str, ...]:
        value = self._data.pop("stop", [])
        stops = [value] if isinstance(value, str) else value
        if (
            not isinstance(stops, list)
            or len(stops) > MOST_STOPS
            or not all(isinstance(one, str) and 0 < len(one) <= LONGEST_STOP for one in stops)
        ):
            _wrong("stop", f"one to {MOST_STOPS} texts of 1 to {LONGEST_STOP} characters")
        return tuple(stops)

    def include_usage(self) -> bool:
        options = self._data.pop("stream_options", {})
        if not isinstance(options, dict) or not set(options) <= {"include_usage"}:
            _wrong("stream_options", 'an object with nothing but "include_usage"')
        return _Fields(options).flag("include_usage")

    def refuse_the_rest(self) -> None:
        if "logprobs" in self._data:
            message = "logprobs are not served: the engine returns tokens and no probabilities."
            raise ApiError(400, message, "unsupported_parameter", "logprobs")
        for name, value in self._data.items():
            if name not in NEUTRAL:
                raise ApiError(400, f"Unknown field: {name}.", "unknown_parameter", name)
            if isinstance(value, bool) is not isinstance(NEUTRAL[name], bool) or (
                value != NEUTRAL[name]
            ):
                message = f"{name} is not served: leave it out, or at {NEUTRAL[name]!r}."
                raise ApiError(400, message, "unsupported_parameter", name)


def _prompt(value: object) -> Prompt:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, list) and value and all(map(_is_integer, value)):
        return tuple(value)
    _wrong("prompt", "a text or a list of token ids, or a list of such, and none of them empty")


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _wrong(name: str, wanted: str) -> NoReturn:
    raise ApiError(400, f"{name} must be {wanted}.", "invalid_value", name)
