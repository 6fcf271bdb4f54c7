"""Figures of a run, points, and the largest rate that keeps a promise."""

from __future__ import annotations

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.scheduling.capacity import largest_rate
from reproduce.scheduling.jobs import Job, paced, poisson, shorter
from reproduce.scheduling.log import Log, LoggedStep, figures, percentile
from reproduce.scheduling.points import Point, figure, from_json, pick, ratio, to_json, values

LOG = Log(
    arrivals={"a": 0.0, "b": 1.0},
    admitted={"a": 0.0, "b": 2.0},
    token_times={"a": [2.0, 4.0, 5.0], "b": [5.0]},
    steps=[LoggedStep(0, 2, 1, 7), LoggedStep(2, 4, 1, 1), LoggedStep(4, 5, 2, 9, 1, 3)],
)


def test_figures_of_a_worked_example() -> None:
    found = figures(LOG)
    assert (found["requests"], found["output_tokens"], found["computed_tokens"]) == (2, 4, 17)
    assert (found["preemptions"], found["swapped_blocks"], found["seconds"]) == (1, 3, 5)
    assert (found["ttft_p50"], found["ttft_p95"], found["tpot_mean"]) == (2, 4, 1.5)
    assert (found["gap_p50"], found["gap_most"]) == (1, 2)
    assert found["latency"] == pytest.approx((5 / 3 + 4) / 2)
    assert found["running"] == pytest.approx((1 * 4 + 2 * 1) / 5)
    assert (found["loaded_running"], found["loaded_tokens_a_second"]) == (1, 0.5)


def test_a_percentile_is_a_value_that_so_many_do_not_exceed() -> None:
    assert [percentile([1, 2, 3, 4], share) for share in (0.25, 0.26, 1.0)] == [1, 2, 4]
    assert percentile([], 0.5) == 0


def test_points_are_read_as_written_and_compared_seed_by_seed() -> None:
    points = [
        Point({"way": way, "seed": seed}, {"x": value})
        for way, seed, value in (("a", "0", 1.0), ("a", "1", 4.0), ("b", "0", 2.0), ("b", "1", 2.0))
    ]
    assert from_json(to_json(points)) == points and values(points, "way") == ["a", "b"]
    found = ratio(pick(points, way="a"), pick(points, way="b"), "x")
    assert (found.least, found.mean, found.most) == (0.5, 1.25, 2.0)
    assert figure(pick(points, seed=1), "x").mean == 3
    with pytest.raises(KeyError):
        pick(points, way="c")


@pytest.mark.parametrize("low", [0.5, 2.0, 3.5])
def test_the_largest_rate_is_where_the_strain_reaches_one(low: float) -> None:
    assert largest_rate(lambda rate: (rate / 3) ** 2, low, 10.0) == pytest.approx(3)


def test_a_promise_that_is_always_kept_or_never() -> None:
    assert largest_rate(lambda rate: 0.5, 1.0, 7.0) == 7.0
    with pytest.raises(ValueError, match="broken"):
        largest_rate(lambda rate: 2.0, 1.0, 7.0)


def test_jobs_keep_their_lengths_whatever_their_pace() -> None:
    jobs = [Job(f"r{at}", float(at), range(32 * at + 1), 40 * at + 1) for at in range(50)]
    fast = paced(jobs, 5.0)
    assert fast[-1].arrival == pytest.approx(50 / 5) and fast[0].arrival == 0
    random = poisson(jobs, 5.0, seed=1)
    for changed in (fast, random):
        assert sorted(changed, key=lambda job: job.output) == [
            Job(job.name, other.arrival, job.prompt, job.output)
            for job, other in zip(jobs, sorted(changed, key=lambda job: job.output), strict=True)
        ]
    times = [job.arrival for job in random]
    assert times == sorted(times) and 5 < times[-1] < 20
    assert [len(job.prompt) for job in shorter(jobs, 16)[:2]] == [1, 2]
    assert all(len(job.prompt) >= 1 and job.output >= 1 for job in shorter(jobs, 16))
