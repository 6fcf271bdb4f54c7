"""The real client package against a running server."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.server.fake_engine import FakeEngine, served_by
from tests.server.web import serving

REPLIES = {"one": list("To be, or not – that".encode())}


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    served = served_by(FakeEngine(num_blocks=100, replies=REPLIES), max_model_len=1000)
    with (
        serving(served, max_requests=4) as web,
        openai.OpenAI(base_url=f"{web.url}/v1", api_key="none", max_retries=0) as client,
    ):
        yield client


def test_models_are_listed(client: openai.OpenAI) -> None:
    (model,) = client.models.list().data
    assert (model.id, model.object, model.owned_by) == ("fake", "model", "pagedlab")
    assert client.models.retrieve("fake").id == "fake"
    with pytest.raises(openai.NotFoundError, match="no model"):
        client.models.retrieve("other")


def test_a_completion(client: openai.OpenAI) -> None:
    done = client.completions.create(model="fake", prompt="one", max_tokens=50, seed=1, n=1)
    assert done.choices[0].text == "To be, or not – that"
    assert done.choices[0].finish_reason == "stop"
    assert done.usage is not None and done.usage.prompt_tokens == 3
    assert done.usage.total_tokens == 3 + done.usage.completion_tokens
    assert done.usage.prompt_tokens_details is not None
    assert done.usage.prompt_tokens_details.cached_tokens == 0


def test_a_stream_with_stop_and_usage(client: openai.OpenAI) -> None:
    stream = client.completions.create(
        model="fake",
        prompt="one",
        max_tokens=50,
        stop=[" that", "zzz"],
        temperature=0.5,
        stream=True,
        stream_options={"include_usage": True},
    )
    *chunks, last = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks) == "To be, or not –"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert last.choices == [] and last.usage is not None
    assert last.usage.completion_tokens == len("To be, or not – that".encode())


def test_errors_are_the_clients_own(client: openai.OpenAI) -> None:
    create = client.completions.create
    with pytest.raises(openai.BadRequestError, match="max_tokens must be") as caught:
        create(model="fake", prompt="one", max_tokens=0)
    assert caught.value.param == "max_tokens"
    with pytest.raises(openai.BadRequestError, match="logprobs are not served"):
        create(model="fake", prompt="one", logprobs=2)
    with pytest.raises(openai.NotFoundError, match="no model"):
        create(model="other", prompt="one")
    with pytest.raises(openai.UnprocessableEntityError, match="does not know"):
        create(model="fake", prompt="\0")
    with pytest.raises(openai.RateLimitError, match="try again"):
        create(model="fake", prompt=["one"] * 5)
    with pytest.raises(openai.BadRequestError, match="outgrow"):
        create(model="fake", prompt="x", max_tokens=900)


def test_an_engine_that_fails_within_a_stream_is_an_error_of_the_client() -> None:
    def fail(engine: FakeEngine) -> None:
        if engine.num_steps == 2:
            raise RuntimeError("no blocks")

    with (
        serving(served_by(FakeEngine(on_step=fail))) as web,
        openai.OpenAI(base_url=f"{web.url}/v1", api_key="none", max_retries=0) as client,
    ):
        stream = client.completions.create(model="fake", prompt="x", stream=True)
        with pytest.raises(openai.APIError, match="RuntimeError: no blocks"):
            list(stream)
        with pytest.raises(openai.InternalServerError, match="no blocks"):
            client.completions.create(model="fake", prompt="x")
