"""Generated traces: named, deterministic, as long and as fast as asked for."""

from __future__ import annotations

import numpy as np
import pytest

from workload.generate import generate, without_blocks
from workload.model import fitted, load_model
from workload.named import NAMED, named
from workload.statistics import describe
from workload.trace import Trace, WorkloadError


def same(one: Trace, other: Trace) -> bool:
    return one.blocks == other.blocks and all(
        np.array_equal(getattr(one, column), getattr(other, column))
        for column in ("arrivals", "prompt_tokens", "output_tokens")
    )


@pytest.mark.parametrize("name", NAMED)
def test_a_trace_is_a_function_of_its_seed(name: str) -> None:
    model = named(name)
    trace = generate(model, 400, seed=7)
    assert same(trace, generate(model, 400, seed=7))
    assert not same(trace, generate(model, 400, seed=8))


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("count", [1, 2, 313])
def test_a_trace_is_as_long_as_asked_for_and_in_order(name: str, count: int) -> None:
    trace = generate(named(name), count, seed=count)
    assert len(trace) == len(trace.prompt_tokens) == len(trace.output_tokens) == count
    assert (np.diff(trace.arrivals) >= 0).all() and trace.arrivals[0] >= 0
    assert trace.prompt_tokens.min() >= 1 and trace.output_tokens.min() >= 1
    assert len(trace.blocks) in (0, count)
    assert len(list(trace.between(0, 2).requests())) == min(2, count)


@pytest.mark.parametrize("name", NAMED)
def test_the_rate_stretches_time_and_nothing_else(name: str) -> None:
    model = named(name)
    one, twice = generate(model, 300, seed=1), generate(model, 300, seed=1, rate=2)
    assert np.allclose(twice.arrivals * 2, one.arrivals)
    assert (twice.prompt_tokens == one.prompt_tokens).all() and twice.blocks == one.blocks


@pytest.mark.parametrize("name", NAMED)
def test_a_workload_says_what_it_is_from(name: str) -> None:
    model = named(name)
    assert model.name == name and model.source and model.licence
    assert (NAMED[name].__doc__ or "").splitlines()[0].endswith(".")
    assert model.recorded or "guessed" in model.source


def test_what_is_asked_for_wrongly_is_refused() -> None:
    for count, rate in ((0, 1.0), (-1, 1.0), (5, 0.0)):
        with pytest.raises(WorkloadError, match="positive"):
            generate(named("steady-chat"), count, rate=rate)
    with pytest.raises(WorkloadError, match="bursty-code"):
        named("bursty")
    with pytest.raises(WorkloadError, match="azure_code"):
        load_model("../azure_conv/x")


def test_agents_come_near_to_the_figures_of_the_paper() -> None:
    model = named("shared-prefix-agents")
    figures = describe(generate(model, 23_608, seed=1), model.beyond)
    assert figures["prompt_mean"] == pytest.approx(8596, rel=0.05)
    assert figures["output_mean"] == pytest.approx(182, rel=0.02)
    assert figures["hits_unlimited"] == pytest.approx(0.56, abs=0.04)
    assert figures["rate"] == pytest.approx(23_608 / 3537, rel=0.05)


def test_stragglers_are_few_and_hold_a_large_part_of_all_tokens() -> None:
    trace = generate(named("long-context-stragglers"), seed=1)
    long = trace.prompt_tokens > 15_000
    assert 0.02 < long.mean() < 0.04
    assert trace.prompt_tokens[long].sum() > 0.4 * trace.prompt_tokens.sum()


@pytest.mark.parametrize(
    ("name", "prompt", "output"), [("sharegpt-like", 161.31, 337.99), ("alpaca-like", 19.31, 58.45)]
)
def test_the_papers_mean_lengths_are_met(name: str, prompt: float, output: float) -> None:
    trace = generate(named(name), seed=3)
    assert trace.prompt_tokens.mean() == pytest.approx(prompt, rel=0.02)
    assert trace.output_tokens.mean() == pytest.approx(output, rel=0.02)


def test_blocks_can_be_left_out() -> None:
    trace = without_blocks(generate(named("chat-sessions"), 10))
    assert trace.blocks == () and len(list(trace.requests())) == 10


def test_every_fitted_model_has_a_source_with_a_licence() -> None:
    assert {load_model(name).licence for name in fitted()} == {"CC-BY-4.0", "Apache-2.0"}
