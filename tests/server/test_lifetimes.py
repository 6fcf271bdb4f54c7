"""Who comes, goes, or waits: admission, disconnects, shutdown, and an engine that fails."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from server import async_engine
from tests.server.fake_engine import FakeEngine, FakeOutput, served_by
from tests.server.web import Web, serving

ENDLESS = 10**9


class Client:
    """A connection that reads a stream as far as it is told to, and no further."""

    def __init__(self, web: Web, **fields: object) -> None:
        self.socket = socket.create_connection(("127.0.0.1", web.port), timeout=60)
        body = json.dumps({"prompt": "x", "max_tokens": ENDLESS, **fields}).encode()
        head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
        self.socket.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        self.file = self.socket.makefile("rb")

    def read_events(self, count: int) -> None:
        while count:
            line = self.file.readline()
            assert line, "the stream has ended"
            count -= line.startswith(b"data: ")

    def leave(self) -> None:
        self.file.close()
        self.socket.close()


def state(web: Web) -> dict[str, object]:
    """Where the engine stands, after all that the server was told before."""
    reply = web.get("/debug/state")
    assert reply.status == 200, reply.body
    body = reply.json
    assert isinstance(body, dict)
    return body


def wait_until(web: Web, holds: Callable[[dict[str, object]], bool]) -> None:
    """Ask again and again; what never comes true fails by the test's timeout."""
    while not holds(state(web)):
        pass


def is_empty(state: dict[str, object]) -> bool:
    return not state["requests"] and state["num_free_blocks"] == state["num_blocks"]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(num_blocks=100, block_size=10**8)


@pytest.fixture
def web(engine: FakeEngine) -> Iterator[Web]:
    with serving(served_by(engine, 2 * ENDLESS), max_requests=5) as web:
        yield web


def test_a_token_is_sent_before_the_next_is_made(web: Web, engine: FakeEngine) -> None:
    steps = threading.Semaphore(0)
    engine.on_step = lambda engine: (steps.acquire(timeout=30), None)[1]
    client = Client(web, stream=True, max_tokens=5)
    for _ in range(5):
        steps.release()
        client.read_events(1)
    client.leave()


def test_a_client_that_leaves_a_stream_frees_its_blocks(web: Web, engine: FakeEngine) -> None:
    client = Client(web, stream=True)
    client.read_events(3)
    assert not is_empty(state(web))
    client.leave()
    wait_until(web, is_empty)
    assert len(engine.aborted) == 1


def test_a_client_that_leaves_before_a_whole_answer_frees_its_blocks(web: Web) -> None:
    client = Client(web)
    wait_until(web, lambda state: state["num_running"] == 1)
    client.leave()
    wait_until(web, is_empty)


def test_a_client_that_leaves_while_it_waits_leaves_nothing(web: Web, engine: FakeEngine) -> None:
    engine.max_num_seqs = 1
    first = Client(web, stream=True)
    first.read_events(1)
    second = Client(web, stream=True)
    wait_until(web, lambda state: state["num_waiting"] == 1)
    second.leave()
    wait_until(web, lambda state: (state["num_running"], state["num_waiting"]) == (1, 0))
    first.leave()
    wait_until(web, is_empty)


def test_a_client_that_reads_nothing_holds_up_nobody(web: Web) -> None:
    deaf = Client(web, stream=True)
    assert web.complete(prompt="x", max_tokens=200).status == 200
    deaf.leave()
    wait_until(web, is_empty)


def test_too_many_requests_are_turned_away_until_there_is_room(web: Web) -> None:
    clients = [Client(web, stream=True) for _ in range(5)]
    for client in clients:
        client.read_events(1)
    reply = web.complete(prompt="x")
    assert (reply.status, reply.error["code"]) == (429, "too_many_requests")
    assert reply.headers["retry-after"] == "1"
    assert web.complete(prompt=["x"] * 6).status == 429
    clients.pop().leave()
    wait_until(web, lambda state: state["num_running"] == 4)
    assert web.complete(prompt="x").status == 200
    for client in clients:
        client.leave()
    wait_until(web, is_empty)


def test_a_shutdown_lets_requests_end(engine: FakeEngine) -> None:
    at_work, go_on = threading.Event(), threading.Event()

    def wait(engine: FakeEngine) -> None:
        at_work.set()
        go_on.wait(30)

    engine.on_step = wait
    replies = []
    with serving(served_by(engine, 2 * ENDLESS), drain=30) as web:
        asking = threading.Thread(target=lambda: replies.append(web.complete(prompt="x")))
        asking.start()
        at_work.wait(30)
        web.server.should_exit = True
        go_on.set()
        asking.join(30)
    assert [reply.status for reply in replies] == [200]
    assert len(engine.free) == engine.num_blocks


def test_a_shutdown_aborts_what_does_not_end(
    engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "pagedlab.server")
    with serving(served_by(engine, 2 * ENDLESS)) as web:
        client = Client(web, stream=True)
        client.read_events(1)
    client.leave()
    assert len(engine.free) == engine.num_blocks and not engine.running
    assert "all 100 blocks are free" in caplog.text


def test_a_leak_is_told_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    engine = FakeEngine()
    with serving(served_by(engine, 2 * ENDLESS)):
        engine.free.pop()
    assert "1 of 4096 blocks LEAKED" in caplog.text


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
