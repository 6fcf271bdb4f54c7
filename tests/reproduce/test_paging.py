"""Paged against contiguous memory under one scheduler."""

from __future__ import annotations

import pytest

import reproduce  # noqa: F401  makes the reference importable
from pagedlab.contiguous import FirstFitAllocator
from pagedlab.fragmentation import ContiguousMemory
from pagedlab.replay import Reservation
from reproduce.backlogs import AZURE_CHAT, AZURE_CODE
from reproduce.scheduling.bench import Setup, serve
from reproduce.scheduling.jobs import Job, backlog
from reproduce.scheduling.log import Log, figures
from reproduce.scheduling.paging import CONTIGUOUS, PAGED, run_memory
from reproduce.scheduling.reserving import ReservingManager

SLOTS = 60_000


def reserved(jobs: list[Job], slots: int, policy: Reservation = Reservation.ORACLE) -> Log:
    outputs = {job.name: job.output for job in jobs}
    memory = ContiguousMemory(FirstFitAllocator(slots), policy, 4096)
    return serve(jobs, Setup(manager=lambda: ReservingManager(memory, outputs)))


def test_with_memory_for_all_it_makes_no_difference_how_it_is_given() -> None:
    jobs = backlog(AZURE_CODE, 12, 0)
    paged = serve(jobs, Setup(slots=SLOTS))
    for policy in Reservation:
        assert reserved(jobs, SLOTS, policy).token_times == paged.token_times


def test_what_is_reserved_is_never_taken_away_and_all_given_back() -> None:
    jobs = backlog(AZURE_CHAT, 30, 0)
    found = figures(reserved(jobs, 9_000))
    assert found["preemptions"] == 0
    assert found["computed_tokens"] == sum(job.num_tokens - 1 for job in jobs)
    assert figures(serve(jobs, Setup(slots=9_000)))["preemptions"] > 0


def test_a_request_waits_for_room_for_all_that_it_reserves() -> None:
    jobs = [Job("a", 0.0, range(2, 12), 6), Job("b", 0.0, range(20, 22), 3)]
    together, apart = reserved(jobs, 21), reserved(jobs, 20)
    assert together.admitted == {"a": 0, "b": 0}
    assert apart.admitted["b"] == apart.token_times["a"][-1]


def test_the_more_is_known_of_lengths_the_more_run() -> None:
    jobs = backlog(AZURE_CHAT, 40, 0)
    running = [
        figures(run_memory(memory, jobs, AZURE_CHAT.max_model_len))["loaded_running"]
        for memory in (*CONTIGUOUS, PAGED)
    ]
    assert running == sorted(running) and running[-1] > 3 * running[0]


def test_a_job_that_never_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="a"):
        serve([Job("a", 0.0, range(2, 50), 20)], Setup(slots=64))
