"""A completion, whole and as a stream."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.fake_engine import END, FakeEngine, served_by
from tests.server.web import Web, serving

REPLY = "Café. \u20ac\U0001f600!\n\nEnd"
REPLIES = {
    "cafe": list(REPLY.encode()),
    "one": list(b"To be, or not"),
    "bad": [0xE2, 0x82, ord("a"), 0xF0],
}


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    return FakeEngine(replies=REPLIES)


@pytest.fixture(scope="module")
def web(engine: FakeEngine) -> Iterator[Web]:
    with serving(served_by(engine)) as web:
        yield web


def text_of(events: list[dict]) -> str:
    return "".join(choice["text"] for event in events for choice in event["choices"])


def test_a_completion_has_the_form_of_openais(web: Web) -> None:
    body = web.complete(prompt="one", max_tokens=50, model="fake").json
    assert body["object"] == "text_completion" and body["model"] == "fake"
    assert body["id"].startswith("cmpl-") and isinstance(body["created"], int)
    (choice,) = body["choices"]
    assert (choice["text"], choice["finish_reason"]) == ("To be, or not", "stop")
    assert choice["index"] == 0 and choice["logprobs"] is None
    assert body["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 14,  # and the token that ended it
        "total_tokens": 17,
        "prompt_tokens_details": {"cached_tokens": 0},
    }


def test_a_stream_gives_the_same_text_in_order_with_the_reason_in_its_last_piece(web: Web) -> None:
    events = web.complete(prompt="one", max_tokens=50, stream=True).events
    assert text_of(events) == "To be, or not"
    assert [event["choices"][0]["finish_reason"] for event in events][-1] == "stop"
    assert {event["choices"][0]["finish_reason"] for event in events[:-1]} <= {None}
    assert len({event["id"] for event in events}) == 1
    assert all("usage" not in event for event in events)


def test_a_stream_breaks_no_character(web: Web) -> None:
    reply = web.complete(prompt="cafe", max_tokens=50, stream=True)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert text_of(reply.events) == REPLY
    assert not [event for event in reply.events if "\ufffd" in text_of([event])]


def test_bytes_that_are_no_character_are_shown_as_such(web: Web) -> None:
    assert text_of(web.complete(prompt="bad", stream=True).events) == "\ufffda\ufffd"
    assert web.complete(prompt="bad").json["choices"][0]["text"] == "\ufffda\ufffd"


def test_the_usage_comes_last_when_it_is_asked_for(web: Web) -> None:
    options = {"include_usage": True}
    events = web.complete(prompt="one", max_tokens=4, stream=True, stream_options=options).events
    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["completion_tokens"] == 4
    assert {event["usage"] for event in events[:-1]} == {None}
    assert "usage" not in web.complete(prompt="one", stream=True).events[-1]


def test_the_tokens_that_were_cached_are_told(web: Web) -> None:
    asked = {"prompt": "a prompt of some length", "max_tokens": 1}
    cached = [
        web.complete(**asked).json["usage"]["prompt_tokens_details"]["cached_tokens"]
        for _ in range(2)
    ]
    assert cached == [0, 20]


def test_max_tokens_ends_it_and_is_16_unless_said(web: Web) -> None:
    body = web.complete(prompt="endless").json
    assert len(body["choices"][0]["text"]) == 16
    assert body["choices"][0]["finish_reason"] == "length"


def test_a_seed_gives_the_same_text_and_no_seed_another(web: Web) -> None:
    def text(**seed: int) -> str:
        text = web.complete(prompt="x", max_tokens=30, **seed).json["choices"][0]["text"]
        assert isinstance(text, str)
        return text

    assert text(seed=5) == text(seed=5) != text(seed=6)
    assert text(seed=-1) == text(seed=2**64 - 1)
    assert text() != text()


def test_token_ids_are_a_prompt(web: Web) -> None:
    body = web.complete(prompt=list(b"one"), max_tokens=5).json
    assert body["choices"][0]["text"] == "To be"
    assert web.complete(prompt=["one"], max_tokens=5).json["choices"][0]["text"] == "To be"
    assert web.complete(prompt=[list(b"one")], max_tokens=5).json["choices"][0]["text"] == "To be"


def test_several_prompts_get_a_choice_each(web: Web, engine: FakeEngine) -> None:
    prompts = ["one", "cafe", list(b"one")]
    body = web.complete(prompt=prompts, max_tokens=50, stop="not").json
    whole = {choice["index"]: choice["text"] for choice in body["choices"]}
    assert list(whole.items()) == [(0, "To be, or "), (1, REPLY), (2, "To be, or ")]
    assert body["usage"]["prompt_tokens"] == 3 + 4 + 3
    options = {"include_usage": True}
    asked = {"prompt": prompts, "max_tokens": 50, "stop": "not", "stream_options": options}
    *events, last = web.complete(**asked, stream=True).events
    assert last["usage"] == {
        **body["usage"],
        "prompt_tokens_details": last["usage"]["prompt_tokens_details"],
    }
    streamed = dict.fromkeys(whole, "")
    for event in events:
        for choice in event["choices"]:
            streamed[choice["index"]] += choice["text"]
    assert streamed == whole
    assert len(engine.free) == engine.num_blocks


@pytest.mark.parametrize("stream", [False, True])
def test_the_text_ends_before_a_stop_string(web: Web, engine: FakeEngine, stream: bool) -> None:
    reply = web.complete(prompt="one", max_tokens=50, stop=["or", "zzz"], stream=stream)
    pieces = reply.events if stream else [reply.json]
    assert text_of(pieces) == "To be, "
    last = pieces[-1]["choices"][0]
    assert (last["finish_reason"], last["stop_reason"]) == ("stop", "or")


def test_a_stop_string_ends_the_work_too(web: Web, engine: FakeEngine) -> None:
    body = web.complete(prompt="one", max_tokens=50, stop="be").json
    assert body["usage"]["completion_tokens"] == len("To be")
    assert body["id"] in engine.aborted
    assert len(engine.free) == engine.num_blocks


def test_what_was_held_back_for_a_stop_string_that_did_not_come_is_sent(web: Web) -> None:
    events = web.complete(prompt="one", max_tokens=50, stop="not that", stream=True).events
    assert text_of(events) == "To be, or not"


def test_the_token_that_ends_a_text_can_be_passed_over(web: Web, engine: FakeEngine) -> None:
    body = web.complete(prompt="one", max_tokens=20, ignore_eos=True).json
    assert body["usage"]["completion_tokens"] == 20
    assert body["choices"][0]["finish_reason"] == "length"
    assert engine.added[-1].params.stop_token_ids == frozenset()
    web.complete(prompt="one")
    assert engine.added[-1].params.stop_token_ids == {END}


def test_who_asks_and_how_urgently_reaches_the_engine(web: Web, engine: FakeEngine) -> None:
    web.complete(prompt="one", user="ann", priority=-3)
    assert (engine.added[-1].client, engine.added[-1].priority) == ("ann", -3)
