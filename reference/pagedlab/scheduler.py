"""Stage 5. The scheduler: which tokens of which requests the next step computes.

Prefill and decode are one thing here: every request has tokens, and some of them are computed;
the rest is to be computed, a few or many in a step. Read next in vLLM:
`vllm/v1/core/sched/scheduler.py` (`schedule`, `update_from_output`). Swapping is the paper's
(Kwon et al., SOSP 2023, section 4.5); vLLM's v1 preempts by recomputation alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.kv_cache_utils import KVCacheBlock
from pagedlab.policies import SchedulingPolicy
from pagedlab.request import Request, RequestStatus
from pagedlab.sched_output import SchedulerConfig, SchedulerOutput


class Scheduler:
    """Owns all unfinished requests, their progress and status, and what is on the host.

    At any time a request is waiting (WAITING, or PREEMPTED), running, or finished. Running ones
    hold exactly the blocks that the cache manager gave them; all others hold none, and have no
    computed tokens.

    Example:
        >>> from pagedlab.policies import FCFSPolicy
        >>> manager = KVCacheManager(block_size=4, block_pool=BlockPool(num_blocks=9))
        >>> scheduler = Scheduler(SchedulerConfig(max_num_seqs=2), manager, FCFSPolicy())
        >>> scheduler.add_request(Request("a", [1, 2, 3], max_tokens=2))
        >>> output = scheduler.schedule()
        >>> output.num_scheduled_tokens
        {'a': 3}
        >>> scheduler.update_from_output(output, {"a": [7]})
        {'a': [7]}
    """

    def __init__(
        self,
        config: SchedulerConfig,
        kv_cache_manager: KVCacheManager,
        policy: SchedulingPolicy,
        host_pool: BlockPool | None = None,
    ) -> None:
        """Make a scheduler without requests.

        Args:
            config: limits of every step.
            kv_cache_manager: holds nothing, and nobody else uses it.
            policy: order of the requests; nobody else uses it.
            host_pool: idle pool of blocks on the host, for swapping.

        Raises:
            ValueError: `max_num_seqs` is below 1, the token budget is below `max_num_seqs`, the
                watermark is negative, or swapping is asked for without a host pool.
        """
        # BEGIN SOLUTION
        if not 1 <= config.max_num_seqs <= config.max_num_batched_tokens:
            raise ValueError("wanted: 1 <= max_num_seqs <= max_num_batched_tokens")
        if config.watermark_blocks < 0:
            raise ValueError(f"a watermark of {config.watermark_blocks} blocks")
        if config.preemption_mode == "swap" and host_pool is None:
            raise ValueError("no host pool to swap to")
        self._config = config
        self._manager = kv_cache_manager
        self._policy = policy
        self._host_pool = host_pool
        self._num_usable_blocks = kv_cache_manager.block_pool.get_num_free_blocks()
        self._running: list[Request] = []
        self._waiting: list[Request] = []
        self._requests: dict[str, Request] = {}
        self._num_added = 0
        self._added: dict[str, int] = {}  # request id -> when it was added, in growing numbers
        self._swapped: dict[str, tuple[list[KVCacheBlock], int]] = {}  # blocks, tokens in them
        self._finished_req_ids: set[str] = set()
        # END SOLUTION

    def add_request(self, request: Request) -> None:
        """Let a request wait.

        Args:
            request: new: nothing of it is computed.

        Raises:
            ValueError: there is an unfinished request of that id, the prompt is empty,
                `max_tokens` is below 1, or the request could outgrow the whole pool: all its
                tokens but the last generated one need a slot. Nothing changes.
        """
        # BEGIN SOLUTION
        if request.request_id in self._requests:
            raise ValueError(f"request {request.request_id} is not finished yet")
        if request.num_tokens < 1 or request.max_tokens < 1:
            raise ValueError(f"request {request.request_id}: nothing to compute or to generate")
        longest = request.num_prompt_tokens + request.max_tokens - 1
        if self._num_blocks(longest) > self._num_usable_blocks:
            raise ValueError(f"request {request.request_id} may need slots for {longest} tokens")
        request.status = RequestStatus.WAITING
        self._register(request)
        self._waiting.append(request)
        # END SOLUTION

    def fork_request(self, request_id: str, child: Request) -> None:
        """Let a child of a running request run on from its parent's tokens.

        It shares all blocks of its parent; the first of the two that writes into a shared block
        gets a copy. Called between two steps.

        Args:
            request_id: of the parent.
            child: made by the parent's `fork` since its last step.

        Raises:
            ValueError: the parent is not running, there is an unfinished request of the child's
                id, or `max_num_seqs` requests are running. Nothing changes.
        """
        # BEGIN SOLUTION
        parent = self._requests.get(request_id)
        if parent is None or parent.status is not RequestStatus.RUNNING:
            raise ValueError(f"request {request_id} is not running")
        if child.request_id in self._requests:
            raise ValueError(f"request {child.request_id} is not finished yet")
        if len(self._running) >= self._config.max_num_seqs:
            raise ValueError(f"{len(self._running)} requests are running already")
        self._manager.fork(parent, child)
        child.status = RequestStatus.RUNNING
        child.num_preemptions = 0
        self._register(child)
        self._running.append(child)
        # END SOLUTION

    def schedule(self) -> SchedulerOutput:
        """Plan the next step, and take the blocks that it needs.

        Running requests come first, in the policy's order. If one finds no block, the last one
        running in that order is preempted, until the block is there; that may be the request
        itself. If nobody was preempted, waiting requests are admitted in the policy's order, until
        there are no more, the budget or `max_num_seqs` is used up, or the first of them does not
        fit: nobody overtakes it. It fits if all its tokens so far do, though the step may compute
        only a part of them, and if the watermark is left where others are running.

        `num_computed_tokens` of what is scheduled is advanced before this returns. A preempted
        request has none, holds no block, and keeps its tokens.

        Returns:
            The plan. It is empty if nobody can be served.
        """
        # BEGIN SOLUTION
        output = SchedulerOutput(finished_req_ids=self._finished_req_ids)
        self._finished_req_ids = set()
        budget = self._schedule_running(output)
        if not output.preempted_req_ids:
            self._schedule_waiting(output, budget)
        return output
        # END SOLUTION

    def update_from_output(
        self, output: SchedulerOutput, sampled_token_ids: Mapping[str, Sequence[int]]
    ) -> dict[str, list[int]]:
        """Take in what the model said in the step that was scheduled last.

        The model says something about every request of the step, but only what follows a
        request's last token counts: after a chunk that does not reach it, there is nothing to
        generate yet. A request ends at the first token of `stop_token_ids`, or with its
        `max_tokens`-th generated token; whatever the model said behind that is dropped. What ends
        gives its blocks back at once.

        Args:
            output: what `schedule` returned last.
            sampled_token_ids: at least one token by request id, in order. Requests that were
                aborted since then are passed over.

        Returns:
            The tokens that were added, by request id, for those requests that got some.
        """
        # BEGIN SOLUTION
        emitted: dict[str, list[int]] = {}
        for request_id in output.num_scheduled_tokens:
            request = self._requests.get(request_id)
            if request is None or request.num_computed_tokens < request.num_tokens:
                continue
            emitted[request_id] = self._append(request, sampled_token_ids[request_id])
            if request.status.is_finished:
                self._finish(request)
        return emitted
        # END SOLUTION

    def finish_requests(self, request_ids: Iterable[str]) -> None:
        """Abort requests. They give back at once what they hold, on the device and on the host.

        Args:
            request_ids: ids of requests; those that are unknown or finished are passed over.
        """
        # BEGIN SOLUTION
        for request_id in request_ids:
            request = self._requests.get(request_id)
            if request is not None:
                waited = request.status is not RequestStatus.RUNNING
                (self._waiting if waited else self._running).remove(request)
                request.status = RequestStatus.FINISHED_ABORTED
                self._finish(request)
        # END SOLUTION

    def get_request_counts(self) -> tuple[int, int]:
        """Give the number of running and of waiting requests, preempted ones among the latter."""
        # BEGIN SOLUTION
        return len(self._running), len(self._waiting)
        # END SOLUTION

    # BEGIN SOLUTION
    def _rank(self, request: Request) -> tuple[tuple[float, ...], int]:
        return self._policy.sort_key(request), self._added[request.request_id]

    def _num_blocks(self, num_tokens: int) -> int:
        return -(-num_tokens // self._manager.block_size)

    def _register(self, request: Request) -> None:
        self._requests[request.request_id] = request
        self._num_added += 1
        self._added[request.request_id] = self._num_added
        self._policy.on_added(request)

    def _schedule_running(self, output: SchedulerOutput) -> int:
        """Serve the running requests; give the budget that is left."""
        budget = self._config.max_num_batched_tokens
        unserved = deque(sorted(self._running, key=self._rank))
        while unserved and budget:
            request = unserved.popleft()
            num_new = min(request.num_tokens - request.num_computed_tokens, budget)
            allocation = self._manager.allocate_slots(request, num_new)
            while allocation is None:
                victim = unserved.pop() if unserved else request
                self._preempt(victim, output)
                if victim is request:
                    return budget
                allocation = self._manager.allocate_slots(request, num_new)
            output.blocks_to_copy += allocation.copies
            self._serve(request, num_new, allocation.new_blocks, output)
            budget -= num_new
        return budget

    def _schedule_waiting(self, output: SchedulerOutput, budget: int) -> None:
        """Admit waiting requests until the first that does not fit."""
        while self._waiting and budget and len(self._running) < self._config.max_num_seqs:
            request = min(self._waiting, key=self._rank)
            num_new = self._admit(request, budget, output)
            if num_new == 0:
                return
            budget -= num_new

    def _admit(self, request: Request, budget: int, output: SchedulerOutput) -> int:
        """Give a waiting request its blocks and its first tokens; 0 if it does not fit."""
        host_blocks, num_restored = self._swapped.get(request.request_id, ([], 0))
        hits: list[KVCacheBlock] = []
        num_computed = num_restored
        if not host_blocks:
            hits, num_computed = self._manager.get_computed_blocks(request)
        num_new = min(request.num_tokens - num_computed, budget)
        end = num_computed + num_new
        reserved = self._num_blocks(request.num_tokens) - self._num_blocks(end)
        reserved += self._config.watermark_blocks if self._running else 0
        # What is swapped in is written in this step, like what is computed in it.
        allocation = self._manager.allocate_slots(request, num_restored + num_new, hits, reserved)
        if allocation is None:
            return 0
        if host_blocks:
            self._swap_in(request, allocation.new_blocks, output)
        self._waiting.remove(request)
        self._running.append(request)
        if request.status is RequestStatus.WAITING:
            request.num_cached_tokens = num_computed
            output.scheduled_new_req_ids.add(request.request_id)
        else:
            output.resumed_req_ids.add(request.request_id)
        request.status = RequestStatus.RUNNING
        request.num_computed_tokens = num_computed
        self._serve(request, num_new, (*hits, *allocation.new_blocks), output)
        return num_new

    def _serve(
        self,
        request: Request,
        num_new: int,
        new_blocks: Iterable[KVCacheBlock],
        output: SchedulerOutput,
    ) -> None:
        """Put a request's next tokens into the plan, and count them as computed."""
        request_id = request.request_id
        output.num_scheduled_tokens[request_id] = num_new
        output.num_computed_tokens[request_id] = request.num_computed_tokens
        output.new_block_ids[request_id] = [block.block_id for block in new_blocks]
        request.num_computed_tokens += num_new
        self._policy.on_scheduled(request, num_new)

    def _preempt(self, request: Request, output: SchedulerOutput) -> None:
        if self._config.preemption_mode == "swap":
            self._swap_out(request, output)
        self._manager.free(request)
        request.status = RequestStatus.PREEMPTED
        request.num_computed_tokens = 0
        request.num_preemptions += 1
        self._running.remove(request)
        self._waiting.append(request)
        output.preempted_req_ids.add(request.request_id)

    def _swap_out(self, request: Request, output: SchedulerOutput) -> None:
        """Move a request's blocks to the host, if there is room for all of them."""
        assert self._host_pool is not None
        device_ids = self._manager.get_block_ids(request)
        if len(device_ids) <= self._host_pool.get_num_free_blocks():
            host_blocks = self._host_pool.get_new_blocks(len(device_ids))
            host_ids = [block.block_id for block in host_blocks]
            output.blocks_to_swap_out += zip(device_ids, host_ids, strict=True)
            self._swapped[request.request_id] = (host_blocks, request.num_computed_tokens)

    def _swap_in(
        self, request: Request, new_blocks: Sequence[KVCacheBlock], output: SchedulerOutput
    ) -> None:
        host_blocks, _ = self._swapped[request.request_id]
        for host, device in zip(host_blocks, new_blocks, strict=False):
            output.blocks_to_swap_in.append((host.block_id, device.block_id))
        self._drop_from_host(request)

    def _drop_from_host(self, request: Request) -> None:
        if request.request_id in self._swapped:
            host_blocks, _ = self._swapped.pop(request.request_id)
            assert self._host_pool is not None
            self._host_pool.free_blocks(host_blocks)

    def _append(self, request: Request, token_ids: Sequence[int]) -> list[int]:
        """Add tokens until the request ends; give those that were added."""
        added: list[int] = []
        for token in token_ids:
            request.append_output_token_ids([token])
            added.append(token)
            if token in request.stop_token_ids:
                request.status = RequestStatus.FINISHED_STOPPED
            elif request.num_output_tokens >= request.max_tokens:
                request.status = RequestStatus.FINISHED_LENGTH_CAPPED
            if request.status.is_finished:
                self._running.remove(request)
                break
        return added

    def _finish(self, request: Request) -> None:
        """Forget a finished request, and give back all that it holds."""
        self._manager.free(request)
        self._drop_from_host(request)
        del self._requests[request.request_id], self._added[request.request_id]
        self._finished_req_ids.add(request.request_id)
        self._policy.on_finished(request)

    # END SOLUTION
