"""What the page is told of the engine."""

from __future__ import annotations

from server.engine_api import Sampling
from server.engine_thread import EngineThread
from server.metrics import Metrics
from server.watching import engine_state
from tests.server.fake_engine import FakeEngine, served_by


def test_the_state_is_that_of_now_and_not_of_the_last_step() -> None:
    engine = FakeEngine(num_blocks=10)
    thread = EngineThread(served_by(engine), Metrics("fake"))
    params = Sampling(4, 0.0, 0, frozenset())
    engine.add_request("a", [1, 2, 3, 4], params, priority=0, client="")
    engine.step()
    assert engine_state(thread)["num_free_blocks"] == 8
    engine.abort_request("a")
    assert engine_state(thread)["num_free_blocks"] == 10


def test_the_state_of_an_engine_that_failed_is_its_last_and_asks_it_nothing() -> None:
    engine = FakeEngine(num_blocks=10)
    thread = EngineThread(served_by(engine), Metrics("fake"))
    thread.failure = "KeyError: 7"
    engine.free.clear()
    state = engine_state(thread)
    assert (state["failure"], state["num_free_blocks"]) == ("KeyError: 7", 10)
