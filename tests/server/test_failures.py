"""An engine that raises, forgets, invents or never returns: everybody is told, nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from server import async_engine
from tests.server.fake_engine import FakeEngine, FakeOutput, served_by
from tests.server.streams import ENDLESS, Client, is_empty, state, wait_until
from tests.server.web import Web, serving


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(num_blocks=100, block_size=10**8)


@pytest.fixture
def web(engine: FakeEngine) -> Iterator[Web]:
    with serving(served_by(engine, 2 * ENDLESS), max_requests=5) as web:
        yield web


def fail_in_step(engine: FakeEngine) -> None:
    if engine.num_steps == 3:
        raise NotImplementedError("Stage 5 · Scheduler.schedule is not written yet")


def test_an_engine_that_fails_is_told_to_everybody(
    engine: FakeEngine, web: Web, capfd: pytest.CaptureFixture[str]
) -> None:
    engine.on_step = fail_in_step
    streamed = web.complete(prompt="x", stream=True).events
    assert "Scheduler.schedule is not written" in streamed[-1]["error"]["message"]
    assert streamed[-1]["error"]["type"] == "server_error"
    reply = web.complete(prompt="x")
    assert (reply.status, reply.error["code"]) == (503, "engine_failed")
    assert web.get("/health").status == 503
    assert web.get("/metrics").status == 200
    assert "Scheduler.schedule" in str(state(web)["failure"])
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.parametrize("error", [SystemExit(0), KeyError("x"), RecursionError()])
def test_whatever_a_submission_raises_the_server_stays(
    engine: FakeEngine, web: Web, error: BaseException
) -> None:
    def fail(engine: FakeEngine) -> None:
        raise error

    engine.on_add = fail
    assert web.complete(prompt="x").status == 500
    assert web.complete(prompt="x").status == 503
    assert web.get("/health").status == 503


def test_an_output_for_nobody_is_a_failure_of_the_engine(engine: FakeEngine, web: Web) -> None:
    engine.abort_request = lambda request_id: None  # type: ignore[method-assign]
    client = Client(web, stream=True)
    client.read_events(1)
    client.leave()
    wait_until(web, lambda state: state["failure"] is not None)
    assert "which is no request" in str(state(web)["failure"])


def test_who_got_the_last_token_in_the_step_that_fails_has_an_answer(
    engine: FakeEngine, web: Web
) -> None:
    whole = engine.step

    def step() -> list[FakeOutput]:
        return [*whole(), FakeOutput("nobody", (1,), None)]

    engine.step = step  # type: ignore[method-assign]
    assert web.complete(prompt="x", max_tokens=1).status == 200
    assert web.complete(prompt="x").status == 503


def test_a_request_that_the_engine_forgets_is_a_failure_of_the_engine(
    engine: FakeEngine, web: Web
) -> None:
    def forget(engine: FakeEngine) -> None:
        engine.waiting.clear()

    engine.on_step = forget
    reply = web.complete(prompt="x")
    assert reply.status == 500 and "has forgotten cmpl-0" in reply.error["message"]


def test_an_engine_that_is_stuck_in_a_step_is_told(
    engine: FakeEngine, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(async_engine, "LONGEST_STEP", 0.01)
    go_on = threading.Event()
    engine.on_step = lambda engine: (go_on.wait(30), None)[1]
    client = Client(web, stream=True)
    while web.get("/health").status == 200:
        pass
    for reply in (web.get("/health"), web.get("/debug/state"), web.complete(prompt="x")):
        assert (reply.status, reply.error["code"]) == (503, "engine_stuck")
    client.leave()
    monkeypatch.undo()  # from now on a slow machine is no stuck engine
    go_on.set()
    wait_until(web, is_empty)
    assert web.get("/health").status == 200
