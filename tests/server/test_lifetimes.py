"""Who comes, goes, or waits: admission, disconnects, shutdown."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.server.fake_engine import FakeEngine, served_by
from tests.server.streams import ENDLESS, Client, is_empty, state, wait_until
from tests.server.web import Web, serving


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


def test_a_shutdown_aborts_what_does_not_end_and_tells_the_client(
    engine: FakeEngine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("INFO", "pagedlab.server")
    replies = []
    with serving(served_by(engine, 2 * ENDLESS), drain=0.1) as web:
        client = Client(web, stream=True)
        client.read_events(1)
        asking = threading.Thread(
            target=lambda: replies.append(web.complete(prompt="x", max_tokens=ENDLESS))
        )
        asking.start()
        wait_until(web, lambda state: state["num_running"] == 2)
    asking.join(30)
    rest = client.file.read()
    client.leave()
    assert b"shutting_down" in rest and b"data: [DONE]" in rest
    assert [(reply.status, reply.error["code"]) for reply in replies] == [(503, "shutting_down")]
    assert len(engine.free) == engine.num_blocks and not engine.running
    assert "all 100 blocks are free" in caplog.text
    assert "Traceback" not in caplog.text + capfd.readouterr().err


def test_a_leak_is_told_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    engine = FakeEngine()
    with serving(served_by(engine, 2 * ENDLESS)):
        engine.free.pop()
    assert "1 of 4096 blocks LEAKED" in caplog.text
