"""The simulator: worked examples, the reference's own replay, and leaks."""

from __future__ import annotations

from dataclasses import fields

import pytest

import reproduce  # noqa: F401  makes the reference importable
from pagedlab.contiguous import BuddyAllocator, FirstFitAllocator
from pagedlab.fragmentation import ContiguousMemory, PagedMemory
from pagedlab.replay import KVMemory, Request, Reservation, replay
from reproduce.backlogs import SHAREGPT, fit_to_model, generated
from reproduce.machine import KV_BYTES, NUM_SLOTS, Clock
from reproduce.memory.experiment import serve
from reproduce.memory.kinds import CONTIGUOUS, PAGED, PAGED_FULL, paged
from reproduce.serving import Served, Server
from workload.generate import generate
from workload.named import named

TICK = Clock(weights=1.0, prompt_token=0.0, kv_token=0.0, fixed=0.0)
"""Every step takes one second."""


def requests(*lengths: tuple[int, int]) -> list[Request]:
    return [Request(f"r{at}", prompt, output) for at, (prompt, output) in enumerate(lengths)]


def run(memory: KVMemory, *lengths: tuple[int, int], keep_free: int = 0) -> Served:
    return Server(requests(*lengths), memory, TICK, keep_free).serve()


def test_the_machine_is_the_papers() -> None:
    assert KV_BYTES == 819_200
    assert NUM_SLOTS == 15_728


def test_a_step_reads_weights_or_computes_prompts_and_reads_all_kv() -> None:
    clock = Clock(weights=2.0, prompt_token=0.5, kv_token=0.001, fixed=0.25)
    assert clock.step(0, 1000) == pytest.approx(3.25)
    assert clock.step(3, 1000) == pytest.approx(3.25)
    assert clock.step(8, 0) == pytest.approx(4.25)


def test_a_worked_example() -> None:
    # Four slots; the first request stores 2, 3 tokens, the second waits for two steps.
    memory = ContiguousMemory(FirstFitAllocator(4), Reservation.ORACLE, 4)
    served = run(memory, (2, 1), (2, 1))
    assert served.seconds == 4 and served.requests == 2 and served.running == 1
    assert served.used == pytest.approx((2 + 3) / 2 / 4)
    assert served.reservation == pytest.approx((1 + 0) / 2 / 4)
    assert served.external == pytest.approx(1 / 4)
    assert (served.internal, served.free, served.preemptions) == (0, 0, 0)


def test_time_weighs_what_is_seen() -> None:
    # The step that computes the prompt takes three seconds, the next one second.
    slow = Clock(weights=1.0, prompt_token=1.5, kv_token=0.0, fixed=0.0)
    memory = ContiguousMemory(FirstFitAllocator(4), Reservation.ORACLE, 4)
    served = Server(requests((2, 1), (2, 1)), memory, slow).serve()
    assert served.seconds == pytest.approx(8)
    assert served.used == pytest.approx((3 * 2 + 1 * 3) / 4 / 4)


@pytest.mark.parametrize("memory", [*CONTIGUOUS, PAGED_FULL, paged(1)], ids=lambda m: m.key)
def test_steps_of_equal_length_give_what_the_references_replay_gives(memory: object) -> None:
    backlog = generated(SHAREGPT, 60, [1])[0]
    small, longest = 4096, 2048
    build = memory.build  # type: ignore[attr-defined]
    theirs = replay(backlog.requests, build(small, longest))
    ours = Server(backlog.requests, build(small, longest), TICK).serve()
    for part in ("used", "reservation", "internal", "external", "free"):
        assert getattr(ours, part) == pytest.approx(theirs.share(part), abs=1e-12)
    assert ours.running == pytest.approx(theirs.mean_running)
    assert ours.preemptions == theirs.preemptions


@pytest.mark.parametrize("memory", [*CONTIGUOUS, PAGED, PAGED_FULL], ids=lambda m: m.key)
def test_all_slots_are_accounted_for(memory: object) -> None:
    served = serve(generated(SHAREGPT, 40, [2])[0], memory)  # type: ignore[arg-type]
    parts = (served.used, served.reservation, served.internal, served.external, served.free)
    assert sum(parts) == pytest.approx(1) and min(parts) >= 0
    assert served.requests == 40 and served.wasted == pytest.approx(1 - served.used)


def test_a_preempted_request_comes_back_and_ends() -> None:
    served = run(PagedMemory(4, 1), (1, 3), (1, 3), (1, 1))
    assert served.preemptions > 0 and served.requests == 3


def test_what_is_kept_free_is_kept_on_admission_but_not_from_a_lone_request() -> None:
    lengths = [(4, 4)] * 6
    eager = run(PagedMemory(16, 1), *lengths)
    careful = run(PagedMemory(16, 1), *lengths, keep_free=4)
    assert careful.preemptions < eager.preemptions and careful.free > eager.free
    assert run(PagedMemory(16, 1), (14, 2), keep_free=8).requests == 1


def test_a_request_that_never_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="r1"):
        run(PagedMemory(4, 1), (1, 1), (4, 1))


class Leaky(PagedMemory):
    """Forgets a block whenever a request leaves, as one prototype of this simulator did."""

    def release(self, request_id: str) -> None:
        super().release(request_id)
        super().admit(Request(f"lost {request_id}", 1, 1))


def test_a_leak_is_an_error_and_not_a_result() -> None:
    with pytest.raises(RuntimeError, match="not empty"):
        run(Leaky(64, 1), (2, 2), (3, 3))


def test_a_server_takes_what_its_model_takes() -> None:
    trace = generate(named("bursty-code"), 400, seed=1)
    backlog = fit_to_model(trace, 4096)
    assert backlog.refused == (trace.prompt_tokens >= 4096).sum() > 0
    assert len(backlog.requests) + backlog.refused == 400
    assert max(request.num_tokens for request in backlog.requests) <= 4096
    assert all(request.num_output_tokens >= 1 for request in backlog.requests)


def test_buddy_memory_serves_requests_of_the_full_length() -> None:
    served = run(ContiguousMemory(BuddyAllocator(64), Reservation.MAX, 32), *[(20, 12)] * 4)
    assert served.running == 2 and served.seconds == 2 * 13


def test_figures_have_names_that_stay() -> None:
    assert {field.name for field in fields(Served)} >= {"used", "running", "seconds", "preemptions"}
