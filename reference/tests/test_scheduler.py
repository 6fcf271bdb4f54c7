"""The scheduler by its behaviour: small pools, few requests, one rule a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.policies import FCFSPolicy
from pagedlab.request import Request, RequestStatus
from pagedlab.sched_output import SchedulerConfig, SchedulerOutput
from pagedlab.scheduler import Scheduler

P = 4


class Server:
    """A scheduler, its pools, and its requests by name."""

    def __init__(
        self, blocks: int, tokens: int = 32, seqs: int = 4, watermark: int = 0, host: int = 0
    ) -> None:
        self.pool = BlockPool(blocks + 1)
        self.host = BlockPool(host + 1)
        self.manager = KVCacheManager(P, self.pool)
        mode = SchedulerConfig(tokens, seqs, watermark, "swap" if host else "recompute")
        self.scheduler = Scheduler(mode, self.manager, FCFSPolicy(), self.host)
        self.requests: dict[str, Request] = {}

    def add(self, name: str, size: int | list[int], out: int = 9, at: float = 0.0) -> Request:
        tokens = [ord(name) * 100 + n for n in range(size)] if isinstance(size, int) else size
        request = Request(
            name, list(tokens), max_tokens=out, arrival_time=at, stop_token_ids=frozenset({2})
        )
        self.scheduler.add_request(request)
        self.requests[name] = request
        return request

    def step(self, says: Mapping[str, Sequence[int]] | None = None) -> SchedulerOutput:
        output = self.scheduler.schedule()
        said = {name: (says or {}).get(name, [7]) for name in output.num_scheduled_tokens}
        self.scheduler.update_from_output(output, said)
        return output

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.step()

    def running(self) -> list[str]:
        return [name for name, one in self.requests.items() if one.status is RequestStatus.RUNNING]


def preempting(host: int = 0) -> Server:
    """Four blocks; a and b run, and in the next step b has to give way."""
    server = Server(4, 16, 2, host=host)
    server.add("a", 7, 6, at=0)
    server.add("b", 6, 6, at=1)
    server.steps(2)
    return server


def test_a_step_stays_inside_its_budget() -> None:
    server = Server(50, 8, 4)
    for name in "abcd":
        server.add(name, 5)
    for _ in range(6):
        assert server.step().total_num_scheduled_tokens <= 8
    assert Server(50, 4, 4).scheduler.get_request_counts() == (0, 0)


def test_growing_requests_share_one_budget() -> None:
    server = Server(50, 4, 4)
    for name in "abc":
        server.add(name, 1, 30)
    server.step()
    server.step({"a": [7] * 4, "b": [7] * 4, "c": [7] * 4})
    assert server.step().total_num_scheduled_tokens == 4


def test_no_more_requests_run_than_may() -> None:
    server = Server(50, 16, 2)
    for name in "abc":
        server.add(name, 2)
    server.step()
    assert server.running() == ["a", "b"]
    assert server.scheduler.get_request_counts() == (2, 1)


def test_a_long_prompt_is_computed_in_chunks_that_follow_each_other() -> None:
    server = Server(50, 8)
    request = server.add("a", 20, 2)
    seen = [server.step() for _ in range(3)]
    assert [one.num_scheduled_tokens["a"] for one in seen] == [8, 8, 4]
    assert [one.num_computed_tokens["a"] for one in seen] == [0, 8, 16]
    assert request.num_output_tokens == 1


def test_nothing_is_generated_after_a_chunk() -> None:
    server = Server(50, 8)
    request = server.add("a", 20, 2)
    server.step()
    assert request.num_output_tokens == 0


def test_what_is_left_of_the_budget_begins_the_next_prompt() -> None:
    server = Server(50, 8)
    server.add("a", 6)
    server.add("b", 9)
    assert server.step().num_scheduled_tokens == {"a": 6, "b": 2}


def test_all_that_fit_are_admitted_in_one_step() -> None:
    server = Server(50, 16)
    for name in "abc":
        server.add(name, 3)
    assert len(server.step().num_scheduled_tokens) == 3


def test_who_arrived_first_is_admitted_first_whenever_it_was_added() -> None:
    server = Server(50, 16, 1)
    server.add("a", 3, 1, at=5)
    server.add("b", 3, 1, at=2)
    server.step()
    assert server.requests["b"].num_output_tokens == 1
    assert server.requests["a"].num_output_tokens == 0


def test_of_those_who_came_together_the_first_added_is_first() -> None:
    server = Server(50, 16, 1)
    server.add("z", 3)
    server.add("a", 3)
    server.step()
    assert server.running() == ["z"]


def test_nobody_overtakes_one_that_does_not_fit() -> None:
    server = Server(6)
    server.add("a", 8, at=0)
    server.add("b", 20, 2, at=1)
    server.add("c", 2, 2, at=2)
    server.step()
    assert server.running() == ["a"]


def test_a_chunk_takes_no_blocks_for_the_rest_of_the_prompt() -> None:
    server = Server(20, 8)
    request = server.add("a", 20)
    server.step()
    assert len(server.manager.get_block_ids(request)) == 2
    assert server.pool.get_num_free_blocks() == 18


def test_the_last_in_the_order_gives_way() -> None:
    server = Server(6, 32, 3)
    for place, name in enumerate("abc"):
        server.add(name, 7, at=place)
    server.steps(2)
    assert server.step().preempted_req_ids == {"c"}


def test_one_victim_is_enough_for_one_block() -> None:
    server = Server(6, 32, 3)
    for place, name in enumerate("abc"):
        server.add(name, 7, at=place)
    server.steps(3)
    assert server.running() == ["a", "b"]


def test_a_step_that_preempts_admits_nobody() -> None:
    server = Server(5, 32, 4)
    server.add("a", 7, at=0)
    server.add("b", 10, at=1)
    server.step()
    server.add("c", 1, 2, at=0.5)
    for _ in range(6):
        output = server.step()
        if output.preempted_req_ids:
            assert not output.scheduled_new_req_ids | output.resumed_req_ids
            return
    raise AssertionError("nobody was preempted")


def test_a_request_is_admitted_only_if_all_its_tokens_fit() -> None:
    server = Server(6, 8, 4)
    server.add("a", 8, at=0)
    server.step()
    server.add("b", 20, 2, at=1)
    server.step()
    assert server.running() == ["a"]


def test_the_watermark_is_left_beside_others() -> None:
    server = Server(5, 32, 4, watermark=2)
    server.add("a", 8, at=0)
    server.add("b", 8, at=1)
    server.step()
    assert server.running() == ["a"]


def test_the_watermark_holds_nobody_back_who_is_alone() -> None:
    server = Server(4, 32, 4, watermark=3)
    server.add("a", 16, 1)
    assert server.step().num_scheduled_tokens == {"a": 16}


def test_the_watermark_holds_nobody_back_who_runs() -> None:
    server = Server(3, 32, 4, watermark=2)
    server.add("a", 4, 9)
    server.steps(3)
    assert server.requests["a"].num_preemptions == 0
    assert server.requests["a"].num_output_tokens == 3


def test_a_victim_loses_its_progress_and_keeps_its_tokens() -> None:
    server = preempting()
    before = list(server.requests["b"].token_ids)
    server.step()
    victim = server.requests["b"]
    assert victim.status is RequestStatus.PREEMPTED
    assert (victim.num_computed_tokens, victim.num_preemptions) == (0, 1)
    assert victim.token_ids == before
    assert server.manager.get_block_ids(victim) == []


def test_a_victim_comes_back_before_those_who_came_later() -> None:
    server = preempting()
    server.step()
    server.add("c", 3, 2, at=2)
    while "b" not in server.running():
        assert "c" not in server.running()
        output = server.step()
    assert "b" in output.resumed_req_ids
    assert "b" not in output.scheduled_new_req_ids
    assert len(output.new_block_ids["b"]) == len(server.manager.get_block_ids(server.requests["b"]))


def test_a_resumed_request_computes_what_it_had_generated_too() -> None:
    server = preempting()
    server.steps(30)
    assert server.requests["b"].num_output_tokens == 6
    assert server.requests["b"].token_ids[6:] == [7] * 6


def test_a_victim_is_swapped_out_whole_and_comes_back_where_it_was() -> None:
    server = preempting(host=6)
    before = server.requests["b"].num_computed_tokens
    output = server.step()
    assert len(output.blocks_to_swap_out) == 2
    assert server.host.get_num_free_blocks() == 4
    while "b" not in server.running():
        output = server.step()
    assert output.num_computed_tokens["b"] == before
    assert len(output.blocks_to_swap_in) == 2
    assert server.host.get_num_free_blocks() == 6


def test_a_victim_without_room_on_the_host_is_recomputed() -> None:
    server = preempting(host=1)
    assert server.step().blocks_to_swap_out == []
    server.steps(20)
    assert server.host.get_num_free_blocks() == 1


def test_a_shared_block_is_copied_and_the_copy_is_listed() -> None:
    server = Server(20)
    parent = server.add("a", 6)
    server.step()
    server.scheduler.fork_request("a", parent.fork("b"))
    assert server.pool.get_num_free_blocks() == 18
    assert len(server.step().blocks_to_copy) == 1


def test_a_fork_needs_a_place() -> None:
    server = Server(20, 8, 1)
    parent = server.add("a", 6)
    server.step()
    with pytest.raises(ValueError):
        server.scheduler.fork_request("a", parent.fork("b"))


def test_a_stop_token_ends_a_request() -> None:
    server = Server(20)
    request = server.add("a", 6)
    server.step({"a": [2]})
    assert request.status is RequestStatus.FINISHED_STOPPED
    assert request.token_ids[6:] == [2]


def test_the_last_allowed_token_ends_a_request() -> None:
    server = Server(20)
    request = server.add("a", 6, 2)
    server.step()
    assert request.num_output_tokens == 1 and not request.status.is_finished
    server.step()
    assert request.status is RequestStatus.FINISHED_LENGTH_CAPPED


def test_what_is_said_behind_the_end_is_dropped() -> None:
    server = Server(20)
    request = server.add("a", 6)
    server.step({"a": [5, 2, 5]})
    assert request.token_ids[6:] == [5, 2]


def test_a_finished_request_holds_nothing_and_is_reported_once() -> None:
    server = Server(20)
    server.add("a", 6, 1)
    server.add("b", 6)
    server.step()
    assert server.pool.get_num_free_blocks() == 18
    assert [server.step().finished_req_ids for _ in range(2)] == [{"a"}, set()]


def test_an_abort_gives_everything_back() -> None:
    server = preempting(host=6)
    server.step()
    server.scheduler.finish_requests(["a", "b", "nobody"])
    assert server.pool.get_num_free_blocks() == 4
    assert server.host.get_num_free_blocks() == 6


def test_an_abort_between_plan_and_answer_is_passed_over() -> None:
    server = Server(20)
    server.add("a", 6)
    output = server.scheduler.schedule()
    server.scheduler.finish_requests(["a"])
    assert server.scheduler.update_from_output(output, {"a": [7]}) == {}
    assert server.pool.get_num_free_blocks() == 20


def test_an_id_in_use_is_refused() -> None:
    server = Server(20)
    server.add("a", 6)
    with pytest.raises(ValueError):
        server.add("a", 6)


def test_a_request_that_could_outgrow_the_pool_is_refused() -> None:
    server = Server(4)
    server.add("a", 14, 3)
    with pytest.raises(ValueError):
        server.add("b", 14, 4)


def test_a_cached_prefix_is_not_computed_again() -> None:
    server = Server(20)
    server.add("a", [*range(10, 20)], 3)
    server.step()
    request = server.add("b", [*range(10, 18), 99])
    assert server.step().num_computed_tokens["b"] == 8
    assert request.num_cached_tokens == 8


def test_a_hit_after_a_preemption_is_not_counted() -> None:
    server = Server(5, 16, 2)
    server.add("a", 7, 6, at=0)
    server.add("b", 8, 4, at=1)
    server.steps(30)
    assert server.requests["b"].num_preemptions > 0
    assert server.requests["b"].num_cached_tokens == 0
