"""Stands in for stage 5 while a later stage is graded by itself. Not a solution.

It does what a later stage needs of a scheduler that is used properly, and no more: it knows one
order, that of adding, admits one request a step, uses no cached prefix, heeds no watermark, cannot
swap, throws out everybody behind whom a block is missing, and notices no misuse.
"""

from collections.abc import Iterable, Mapping, Sequence

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.policies import SchedulingPolicy
from pagedlab.request import Request, RequestStatus
from pagedlab.sched_output import SchedulerConfig, SchedulerOutput


class Scheduler:
    def __init__(
        self,
        config: SchedulerConfig,
        kv_cache_manager: KVCacheManager,
        policy: SchedulingPolicy,
        host_pool: BlockPool | None = None,
    ) -> None:
        self.config = config
        self.manager = kv_cache_manager
        self.everybody: list[Request] = []
        self.gone: set[str] = set()

    def add_request(self, request: Request) -> None:
        self.everybody.append(request)

    def fork_request(self, request_id: str, child: Request) -> None:
        named = {one.request_id: one for one in self.everybody}
        running = [name for name, one in named.items() if one.status == RequestStatus.RUNNING]
        full = len(running) >= self.config.max_num_seqs
        if request_id not in running or child.request_id in named or full:
            raise ValueError(f"{request_id} cannot be forked now")
        self.manager.fork(named[request_id], child)
        child.status = RequestStatus.RUNNING
        self.everybody.append(child)

    def get_request_counts(self) -> tuple[int, int]:
        count = len([one for one in self.everybody if one.status == RequestStatus.RUNNING])
        return count, len(self.everybody) - count

    def schedule(self) -> SchedulerOutput:
        plan = SchedulerOutput(finished_req_ids=self.gone)
        self.gone = set()
        left = self.config.max_num_batched_tokens
        admitted = False
        for place, one in enumerate(list(self.everybody)):
            runs = one.status == RequestStatus.RUNNING
            full = self.get_request_counts()[0] >= self.config.max_num_seqs
            if left == 0 or (not runs and (admitted or full or plan.preempted_req_ids)):
                break
            count = min(left, one.num_tokens - one.num_computed_tokens)
            whole = -(-one.num_tokens // self.manager.block_size)
            kept = 0 if runs else whole - -(-count // self.manager.block_size)
            given = self.manager.allocate_slots(one, count, (), kept)
            if given is None and runs:
                for other in reversed(self.everybody[place + 1 :]):
                    if other.status == RequestStatus.RUNNING:
                        self.throw_out(other, plan)
                given = self.manager.allocate_slots(one, count)
                if given is None:
                    self.throw_out(one, plan)
            if given is None:
                break
            if not runs:
                admitted = True
                new = one.status == RequestStatus.WAITING
                (plan.scheduled_new_req_ids if new else plan.resumed_req_ids).add(one.request_id)
                one.status = RequestStatus.RUNNING
            plan.num_scheduled_tokens[one.request_id] = count
            plan.num_computed_tokens[one.request_id] = one.num_computed_tokens
            plan.new_block_ids[one.request_id] = [block.block_id for block in given.new_blocks]
            plan.blocks_to_copy += given.copies
            one.num_computed_tokens += count
            left -= count
        return plan

    def throw_out(self, one: Request, plan: SchedulerOutput) -> None:
        self.manager.free(one)
        one.status = RequestStatus.PREEMPTED
        one.num_computed_tokens = 0
        one.num_preemptions += 1
        plan.preempted_req_ids.add(one.request_id)

    def update_from_output(
        self, output: SchedulerOutput, sampled_token_ids: Mapping[str, Sequence[int]]
    ) -> dict[str, list[int]]:
        added: dict[str, list[int]] = {}
        for one in list(self.everybody):
            name = one.request_id
            if name in output.num_scheduled_tokens and one.num_computed_tokens == one.num_tokens:
                added[name] = []
                for token in sampled_token_ids[name]:
                    if one.status == RequestStatus.RUNNING:
                        one.append_output_token_ids([token])
                        added[name].append(token)
                        if one.num_output_tokens == one.max_tokens:
                            one.status = RequestStatus.FINISHED_LENGTH_CAPPED
                        if token in one.stop_token_ids:
                            one.status = RequestStatus.FINISHED_STOPPED
                if one.status != RequestStatus.RUNNING:
                    self.forget(one)
        return added

    def finish_requests(self, request_ids: Iterable[str]) -> None:
        for name in list(request_ids):
            for one in list(self.everybody):
                if one.request_id == name:
                    one.status = RequestStatus.FINISHED_ABORTED
                    self.forget(one)

    def forget(self, one: Request) -> None:
        self.manager.free(one)
        self.everybody.remove(one)
        self.gone.add(one.request_id)
