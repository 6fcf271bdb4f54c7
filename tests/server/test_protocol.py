"""What a body may hold, and what is said of one that may not."""

from __future__ import annotations

import json

import pytest

from server.errors import ApiError
from server.protocol import CompletionRequest, parse_completion


def parsed(**fields: object) -> CompletionRequest:
    return parse_completion(json.dumps({"prompt": "x", **fields}).encode())


def refused(body: bytes) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parse_completion(body)
    assert caught.value.status == 400
    return caught.value


def test_a_prompt_is_enough() -> None:
    assert parsed() == CompletionRequest(prompts=("x",))
    assert CompletionRequest(("x",)).max_tokens == 16


def test_null_is_a_field_left_out() -> None:
    names = ("model", "max_tokens", "seed", "stop", "stream", "stream_options", "logprobs", "user")
    assert parsed(**dict.fromkeys(names)) == CompletionRequest(prompts=("x",))


def test_every_field_is_read() -> None:
    request = parsed(
        model="m",
        max_tokens=3,
        temperature=0,
        seed=-1,
        stop="end",
        stream=True,
        stream_options={"include_usage": True},
        ignore_eos=True,
        user="u",
        priority=-2,
    )
    assert request == CompletionRequest(
        ("x",), "m", 3, 0.0, 2**64 - 1, ("end",), True, True, True, "u", -2
    )


def test_a_request_may_have_several_prompts() -> None:
    assert parsed(prompt=[7, 8]).prompts == ((7, 8),)
    assert parsed(prompt=["a"]).prompts == ("a",)
    assert parsed(prompt=["a", [7]]).prompts == ("a", (7,))


def test_what_asks_for_nothing_special_may_be_said() -> None:
    neutral = {"n": 1, "best_of": 1, "echo": False, "top_p": 1.0, "logit_bias": {}, "suffix": ""}
    penalties = {"frequency_penalty": 0, "presence_penalty": 0.0}
    assert parsed(**neutral, **penalties) == CompletionRequest(prompts=("x",))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", ""),
        ("prompt", []),
        ("prompt", ["a", ""]),
        ("prompt", [[1], []]),
        ("prompt", [[1], 2]),
        ("prompt", ["a"] * 65),
        ("prompt", [1, "a"]),
        ("prompt", [True]),
        ("prompt", [1.5]),
        ("prompt", [[[1]]]),
        ("prompt", 7),
        ("prompt", {}),
        ("max_tokens", 0),
        ("max_tokens", -1),
        ("max_tokens", 1.0),
        ("max_tokens", True),
        ("max_tokens", "9"),
        ("max_tokens", 10**400),
        ("temperature", -0.1),
        ("temperature", 2.1),
        ("temperature", 10**400),
        ("temperature", "hot"),
        ("temperature", True),
        ("seed", 2**64),
        ("seed", -(2**63) - 1),
        ("seed", 0.5),
        ("stop", [""]),
        ("stop", list("abcde")),
        ("stop", 3),
        ("stop", ["a", 3]),
        ("stop", "x" * 257),
        ("stream", 1),
        ("stream", "yes"),
        ("stream_options", []),
        ("stream_options", {"include_everything": True}),
        ("stream_options", {"include_usage": True}),
        ("model", 5),
        ("user", "u" * 257),
        ("priority", 0.5),
    ],
)
def test_a_wrong_value_is_named(name: str, value: object) -> None:
    error = refused(json.dumps({"prompt": "x", name: value}).encode())
    assert error.param == name and error.message.startswith(f"{name} must be")
    assert len(error.message) < 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("n", True),
        ("best_of", 3),
        ("echo", True),
        ("echo", 0),
        ("top_p", 0.5),
        ("logit_bias", {"50256": -100}),
        ("suffix", "end"),
        ("presence_penalty", 1),
        ("frequency_penalty", False),
        ("logprobs", 1),
        ("logprobs", 0),
    ],
)
def test_what_is_not_served_is_refused_and_not_passed_over(name: str, value: object) -> None:
    error = refused(json.dumps({"prompt": "x", name: value}).encode())
    assert (error.param, error.code) == (name, "unsupported_parameter")


def test_an_unknown_field_is_refused() -> None:
    error = refused(b'{"prompt": "x", "max_token": 5}')
    assert (error.param, error.code) == ("max_token", "unknown_parameter")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"prompt": "x", "temperature": NaN}',
        b'{"prompt": "x", "temperature": Infinity}',
        b"[" * 100_000,
        b'{"prompt": ' + b"[" * 100_000,
        b'{"prompt": "x", "seed": ' + b"1" * 10_000 + b"}",
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    assert "JSON" in refused(body).message or "nested" in refused(body).message


def test_a_prompt_is_missed() -> None:
    assert refused(b"{}").param == "prompt"
