"""The server's figures in Prometheus' text format, under vLLM's names with `pagedlab:` in front.

Names and types are those of vLLM's `PrometheusStatLogger` (vllm/v1/metrics/loggers.py), so that a
dashboard made for vLLM needs another prefix only. Counters get `_total` at the end when shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.engine_api import Stats
from server.sequence import Delta

PREFIX = "pagedlab:"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
TOKENS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class Metrics:
    """Owns the figures of one server. What the engine counts is read from its own stats.

    The engine's thread reports deltas, and any thread may ask for the text.
    """

    def __init__(self, model_name: str) -> None:
        self._registry = CollectorRegistry()
        self._model = model_name
        self._last_token: dict[str, float] = {}
        self._ended = Counter(
            f"{PREFIX}request_success",
            "Requests that ended, by reason.",
            ["model_name", "finished_reason"],
            registry=self._registry,
        )
        self._prompt_tokens = Counter(
            f"{PREFIX}prompt_tokens",
            "Prompt tokens of requests that got their first token.",
            ["model_name"],
            registry=self._registry,
        )
        self._prompt_tokens.labels(self._model)  # shown from the start, at 0
        self._ttft = self._histogram(
            "time_to_first_token_seconds", "From a request's arrival to its first token.", SECONDS
        )
        self._itl = self._histogram(
            "inter_token_latency_seconds", "Between a request's tokens.", SECONDS
        )
        self._e2e = self._histogram(
            "e2e_request_latency_seconds", "From a request's arrival to its end.", SECONDS
        )
        self._prompt = self._histogram("request_prompt_tokens", "Tokens of a prompt.", TOKENS)
        self._generated = self._histogram(
            "request_generation_tokens", "Tokens generated for a request.", TOKENS
        )

    def watch(self, stats: Callable[[], Stats]) -> None:
        """Show what the engine counts; `stats` gives its latest figures."""
        self._registry.register(_EngineFigures(stats, self._model))

    def on_delta(self, request_id: str, arrival: float, now: float, delta: Delta) -> None:
        """Count what one step gave one request.

        Args:
            request_id: of the request.
            arrival: when it came; in seconds, on the clock of `now`.
            now: when the step ended.
            delta: what it got; without a token if it was aborted.
        """
        if delta.finish_reason != "abort":
            last = self._last_token.get(request_id)
            if last is None:
                self._ttft.observe(now - arrival)
                self._prompt_tokens.labels(self._model).inc(delta.usage.prompt_tokens)
            else:
                self._itl.observe(now - last)
            self._last_token[request_id] = now
        if delta.finish_reason is not None:
            self._last_token.pop(request_id, None)
            self._ended.labels(self._model, delta.finish_reason).inc()
            self._e2e.observe(now - arrival)
            self._prompt.observe(delta.usage.prompt_tokens)
            self._generated.observe(delta.usage.completion_tokens)

    def text(self) -> bytes:
        """All figures, as Prometheus scrapes them."""
        return generate_latest(self._registry)

    def _histogram(self, name: str, says: str, buckets: tuple[float, ...]) -> Histogram:
        whole = Histogram(
            PREFIX + name, says, ["model_name"], registry=self._registry, buckets=buckets
        )
        return whole.labels(self._model)


class _EngineFigures(Collector):
    """Reads the engine's stats whenever somebody scrapes."""

    def __init__(self, stats: Callable[[], Stats], model_name: str) -> None:
        self._stats = stats
        self._labels = [model_name]

    def collect(self) -> Iterator[Metric]:
        stats = self._stats()
        usage = 1 - stats.num_free_blocks / stats.num_blocks
        gauges = (
            ("num_requests_running", "Requests in the batch.", stats.num_running_reqs),
            ("num_requests_waiting", "Requests that wait.", stats.num_waiting_reqs),
            ("kv_cache_usage_perc", "Share of the KV blocks in use, 0 to 1.", usage),
            ("num_free_blocks", "KV blocks that are free (not in vLLM).", stats.num_free_blocks),
        )
        counters = (
            ("prefix_cache_queries", "Tokens looked up.", stats.prefix_cache_queries),
            ("prefix_cache_hits", "Those of them that were cached.", stats.prefix_cache_hits),
            ("num_preemptions", "Requests that lost their blocks.", stats.num_preemptions),
            ("generation_tokens", "Tokens generated.", stats.num_generated_tokens),
            (
                "computed_tokens",
                "Tokens through the model (not in vLLM).",
                stats.num_computed_tokens,
            ),
            ("num_steps", "Forward passes (not in vLLM).", stats.num_steps),
        )
        for name, says, value in gauges:
            gauge = GaugeMetricFamily(PREFIX + name, says, labels=["model_name"])
            gauge.add_metric(self._labels, value)
            yield gauge
        for name, says, value in counters:
            counter = CounterMetricFamily(PREFIX + name, says, labels=["model_name"])
            counter.add_metric(self._labels, value)
            yield counter
