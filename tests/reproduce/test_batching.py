"""Static and continuous batching: the same work, and what only lengths make different."""

from __future__ import annotations

import pytest

import reproduce  # noqa: F401  makes the reference importable
from pagedlab.simulator import CostModel
from reproduce.backlogs import AZURE_CHAT, AZURE_CODE, SHAREGPT, Workload
from reproduce.scheduling.batching import SERVERS, run_server
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.cost import A100_13B
from reproduce.scheduling.jobs import Job, backlog, open_loop
from reproduce.scheduling.log import figures
from reproduce.scheduling.static_server import serve_static

STEP = CostModel(fixed=1.0, per_token=0.0, per_kv_token=0.0)
TOKEN = CostModel(fixed=0.0, per_token=1.0, per_kv_token=0.0)


def jobs_of(*lengths: tuple[int, int]) -> list[Job]:
    return [Job(f"r{at}", 0.0, range(2, 2 + p), o) for at, (p, o) in enumerate(lengths)]


def test_a_static_batch_lasts_as_long_as_its_longest_output() -> None:
    log = serve_static(jobs_of((3, 2), (1, 5), (2, 1)), 2, STEP)
    assert log.token_times == {"r0": [1, 2], "r1": [1, 2, 3, 4, 5], "r2": [6]}
    assert log.admitted == {"r0": 0, "r1": 0, "r2": 5}
    assert [step.served for step in log.steps] == [2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize(("padded", "tokens"), [(True, 6 + 4 * 2 + 2), (False, 4 + 2 + 3 + 2)])
def test_padding_computes_what_nobody_needs(padded: bool, tokens: int) -> None:
    log = serve_static(jobs_of((3, 2), (1, 5), (2, 1)), 2, TOKEN, padded)
    assert sum(step.tokens for step in log.steps) == tokens == log.steps[-1].end


def test_kv_is_read_up_to_the_token_that_is_computed() -> None:
    read = CostModel(fixed=0.0, per_token=0.0, per_kv_token=1.0)
    assert serve_static(jobs_of((3, 3)), 1, read).steps[-1].end == 3 + 4 + 5


def test_requests_of_equal_lengths_are_served_alike() -> None:
    jobs = jobs_of(*[(20, 7)] * 12)
    setup = Setup(A100_13B, AMPLE, tokens=1000, seqs=4)
    logs = [serve(jobs, setup)] + [serve_static(jobs, 4, A100_13B, padded) for padded in (1, 0)]
    for log in logs[1:]:
        for name, times in logs[0].token_times.items():
            assert log.token_times[name] == pytest.approx(times)


def test_with_one_place_there_is_no_difference() -> None:
    jobs = backlog(AZURE_CODE, 12, 0)
    one = serve(jobs, Setup(A100_13B, AMPLE, tokens=8192, seqs=1))
    other = serve_static(jobs, 1, A100_13B)
    assert one.steps[-1].end == pytest.approx(other.steps[-1].end)


@pytest.mark.parametrize("workload", [SHAREGPT, AZURE_CHAT, AZURE_CODE], ids=lambda w: w.name)
def test_all_serve_the_same_tokens_and_only_their_order_costs(workload: Workload) -> None:
    jobs = backlog(workload, 24, 1)
    found = {server: figures(run_server(server, jobs, 6)) for server in SERVERS}
    continuous, padded, ragged = (found[server] for server in SERVERS)
    assert {one["output_tokens"] for one in found.values()} == {sum(job.output for job in jobs)}
    needed = sum(len(job.prompt) + job.output - 1 for job in jobs)
    assert continuous["computed_tokens"] == ragged["computed_tokens"] == needed
    assert padded["computed_tokens"] > needed
    assert continuous["seconds"] <= ragged["seconds"] <= padded["seconds"]
    assert continuous["loaded_running"] > ragged["loaded_running"]


def test_below_what_static_batching_bears_both_serve_what_arrives() -> None:
    jobs = open_loop(AZURE_CODE, 40, 0, 0.05)
    pair = [figures(run_server(server, jobs, 8)) for server in SERVERS[:2]]
    assert pair[0]["throughput"] == pytest.approx(pair[1]["throughput"], rel=0.02)
    assert pair[0]["latency"] < pair[1]["latency"]
