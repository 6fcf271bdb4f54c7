"""What Prometheus reads: by its own parser, under vLLM's names."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.server.fake_engine import FakeEngine, served_by
from tests.server.web import Web, serving

# vllm/v1/metrics/loggers.py, PrometheusStatLogger.
OF_VLLM = {
    "num_requests_running": "gauge",
    "num_requests_waiting": "gauge",
    "kv_cache_usage_perc": "gauge",
    "prefix_cache_queries": "counter",
    "prefix_cache_hits": "counter",
    "num_preemptions": "counter",
    "generation_tokens": "counter",
    "prompt_tokens": "counter",
    "request_success": "counter",
    "time_to_first_token_seconds": "histogram",
    "inter_token_latency_seconds": "histogram",
    "e2e_request_latency_seconds": "histogram",
    "request_prompt_tokens": "histogram",
    "request_generation_tokens": "histogram",
}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def web(engine: FakeEngine) -> Iterator[Web]:
    with serving(served_by(engine)) as web:
        yield web


def scraped(web: Web) -> dict[str, Metric]:
    reply = web.get("/metrics")
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/plain")
    return {family.name: family for family in text_string_to_metric_families(reply.body.decode())}


def value(families: dict[str, Metric], name: str, **labels: str) -> float:
    """A sample's value, by the name that is shown."""
    values = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == f"pagedlab:{name}" and labels.items() <= sample.labels.items()
    ]
    return sum(values)


def test_the_names_and_kinds_are_vllms(web: Web) -> None:
    families = scraped(web)
    kinds = {name.removeprefix("pagedlab:"): family.type for name, family in families.items()}
    assert OF_VLLM.items() <= kinds.items()
    assert all(name.startswith("pagedlab:") for name in families)
    labels = [sample.labels for family in families.values() for sample in family.samples]
    assert {label["model_name"] for label in labels} == {"fake"}


def test_requests_tokens_and_times_are_counted(web: Web) -> None:
    web.complete(prompt="abcd", max_tokens=3)
    web.complete(prompt=["abcd", "ab"], max_tokens=5)
    web.complete(prompt="x", max_tokens=0)  # refused: counts nowhere
    families = scraped(web)
    assert value(families, "request_success_total", finished_reason="length") == 3
    assert value(families, "time_to_first_token_seconds_count") == 3
    assert value(families, "inter_token_latency_seconds_count") == 2 + 4 + 4
    assert value(families, "e2e_request_latency_seconds_count") == 3
    assert value(families, "request_prompt_tokens_sum") == 4 + 4 + 2
    assert value(families, "request_generation_tokens_sum") == 3 + 5 + 5
    assert value(families, "prompt_tokens_total") == 4 + 4 + 2
    assert value(families, "generation_tokens_total") == 3 + 5 + 5
    assert value(families, "kv_cache_usage_perc") == 0
    assert value(families, "num_free_blocks") == 4096


def test_the_gauges_show_what_is_under_way(web: Web, engine: FakeEngine) -> None:
    at_work, go_on = threading.Event(), threading.Event()
    engine.max_num_seqs = 1

    def wait(engine: FakeEngine) -> None:
        if engine.num_steps == 1:
            at_work.set()
            go_on.wait(30)

    engine.on_step = wait
    asking = threading.Thread(target=lambda: web.complete(prompt=["x", "y"], max_tokens=4))
    asking.start()
    at_work.wait(30)
    families = scraped(web)
    go_on.set()
    asking.join(30)
    assert value(families, "num_requests_running") == 1
    assert value(families, "num_requests_waiting") == 1
    assert value(families, "kv_cache_usage_perc") == pytest.approx(2 / 4096)
