"""Queueing theory: laws that always hold, and formulas where they must."""

from __future__ import annotations

from itertools import pairwise

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.cost import A100_13B, alone_seconds
from reproduce.scheduling.jobs import lengths, paced
from reproduce.scheduling.log import mean
from reproduce.scheduling.queue_log import ARRIVALS, apart, arriving, little
from reproduce.scheduling.queues import MANY, PARTS


@pytest.mark.parametrize("kind", ARRIVALS)
def test_littles_law_holds_in_every_log(kind: str) -> None:
    log = serve(paced(arriving(kind, 60, 0), 20.0), Setup(slots=AMPLE, seqs=4, tokens=64))
    for part in PARTS:
        assert apart(little(log, part)) < 1e-9
    system, queue, service = (little(log, part).mean_seconds for part in PARTS)
    assert system == pytest.approx(queue + service) and queue > 0


def test_one_at_a_time_each_waits_for_what_is_left_of_those_before() -> None:
    """Lindley's recursion: wait = max(0, wait before + service before - gap)."""
    jobs = arriving("chat, Poisson", 60, 3)
    services = [alone_seconds(*each, A100_13B) for each in lengths(jobs)]
    jobs = paced(jobs, 0.8 / mean(services))
    waits = [0.0]
    for (one, after), service in zip(pairwise(jobs), services, strict=False):
        waits.append(max(0.0, waits[-1] + service - (after.arrival - one.arrival)))
    log = serve(jobs, Setup(slots=AMPLE, tokens=MANY, seqs=1))
    for job, wait in zip(jobs, waits, strict=True):
        assert log.admitted[job.name] - job.arrival == pytest.approx(wait, abs=1e-9)
