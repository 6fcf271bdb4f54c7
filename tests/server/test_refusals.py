"""Wrong requests over the wire: the status, the form of the error, and nothing left over."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from tests.server.fake_engine import FakeEngine, served_by
from tests.server.web import Web, serving


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    return FakeEngine(num_blocks=100)


@pytest.fixture(scope="module")
def web(engine: FakeEngine) -> Iterator[Web]:
    with serving(served_by(engine, max_model_len=1000)) as web:
        yield web


@pytest.fixture(autouse=True)
def nothing_is_left_over(engine: FakeEngine, web: Web) -> Iterator[None]:
    yield
    assert web.complete(prompt="x", max_tokens=1).status == 200
    assert len(engine.free) == engine.num_blocks


def test_an_error_has_the_form_of_openais(web: Web) -> None:
    reply = web.complete(prompt="x", max_tokens=0)
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/json"
    assert reply.error["type"] == "invalid_request_error"
    assert reply.error["param"] == "max_tokens"
    assert set(reply.error) == {"message", "type", "param", "code"}


def test_an_unknown_model_is_404(web: Web) -> None:
    reply = web.complete(prompt="x", model="gpt-5")
    assert (reply.status, reply.error["code"]) == (404, "model_not_found")
    assert "'fake'" in reply.error["message"]
    assert web.get("/v1/models/gpt-5").status == 404


@pytest.mark.parametrize(
    "path", ["/v2", "/page/../app.py", "/page/nothing.js", "/v1/chat/completions"]
)
def test_an_unknown_path_is_404(web: Web, path: str) -> None:
    reply = web.get(path)
    assert reply.status == 404 and path in reply.error["message"]


def test_a_wrong_method_is_405_and_says_the_right_one(web: Web) -> None:
    reply = web.get("/v1/completions")
    assert reply.status == 405 and reply.headers["allow"] == "POST"
    assert reply.error["type"] == "invalid_request_error"


def test_a_body_that_is_too_large_is_413(web: Web) -> None:
    reply = web.post(b'{"prompt": "' + b"x" * 200_000 + b'"}')
    assert reply.status == 413
    assert reply.error["type"] == "invalid_request_error"


def test_a_body_without_a_known_length_is_not_read_for_ever(web: Web) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    pieces = (b"x" * 10_000 for _ in range(14))
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/v1/completions", pieces, headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_what_does_not_say_that_it_is_json_is_415(web: Web) -> None:
    # A foreign web page can send this without asking, and JSON it cannot.
    reply = web.post(b'{"prompt": "x"}', {"Content-Type": "text/plain"})
    assert reply.status == 415
    assert web.post(b'{"prompt": "x"}', {"Content-Type": "application/json; charset=utf-8"})


def test_text_that_the_tokenizer_does_not_know_is_422(web: Web) -> None:
    reply = web.complete(prompt="a\0b")
    assert (reply.status, reply.error["code"]) == (422, "unknown_text")
    assert "does not know" in reply.error["message"]


def test_what_is_longer_than_the_context_is_400(web: Web) -> None:
    reply = web.complete(prompt="x" * 990, max_tokens=11)
    assert (reply.status, reply.error["code"]) == (400, "context_length_exceeded")
    assert "990 tokens" in reply.error["message"] and "1000 tokens" in reply.error["message"]
    assert web.complete(prompt="x" * 100_000).error["code"] == "context_length_exceeded"


@pytest.mark.parametrize("stream", [False, True])
def test_what_the_engine_refuses_is_400_in_its_words(web: Web, stream: bool) -> None:
    reply = web.complete(prompt="x", max_tokens=900, stream=stream)
    assert reply.status == 400 and "outgrow the pool" in reply.error["message"]
    assert web.complete(prompt=[300], stream=stream).status == 400


def test_of_several_prompts_all_are_served_or_none(web: Web, engine: FakeEngine) -> None:
    reply = web.complete(prompt=[[1], [2], [300]], stream=True)
    assert reply.status == 400 and "vocabulary" in reply.error["message"]
    assert not engine.has_unfinished_requests()


def test_a_page_from_elsewhere_is_kept_out(web: Web) -> None:
    for host in (
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "",
    ):
        reply = web.get("/debug/state", headers={"Host": host})
        assert (reply.status, reply.error["type"]) == (403, "invalid_request_error")
    for host in ("localhost", "LOCALHOST:8000", f"127.0.0.1:{web.port}", "[::1]:8000", "[::1]"):
        assert web.get("/health", headers={"Host": host}).status == 200
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    reply = web.get("/v1/completions", "OPTIONS", preflight)
    assert reply.status == 405
    assert not [name for name in reply.headers if name.startswith("access-control")]
