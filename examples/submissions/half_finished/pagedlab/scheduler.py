"""Stage 5. The scheduler: which tokens of which requests the next step computes.

Prefill and decode are one thing here: every request has tokens, and some of them are computed;
the rest is to be computed, a few or many in a step. Read next in vLLM:
`vllm/v1/core/sched/scheduler.py` (`schedule`, `update_from_output`). Swapping is the paper's
(Kwon et al., SOSP 2023, section 4.5); vLLM's v1 preempts by recomputation alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.policies import SchedulingPolicy
from pagedlab.request import Request
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
        raise NotImplementedError("Stage 5 · Scheduler.__init__ is not written yet")

    def add_request(self, request: Request) -> None:
        """Let a request wait.

        Args:
            request: new: nothing of it is computed.

        Raises:
            ValueError: there is an unfinished request of that id, the prompt is empty,
                `max_tokens` is below 1, or the request could outgrow the whole pool: all its
                tokens but the last generated one need a slot. Nothing changes.
        """
        raise NotImplementedError("Stage 5 · Scheduler.add_request is not written yet")

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
        raise NotImplementedError("Stage 5 · Scheduler.fork_request is not written yet")

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
        raise NotImplementedError("Stage 5 · Scheduler.schedule is not written yet")

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
        raise NotImplementedError("Stage 5 · Scheduler.update_from_output is not written yet")

    def finish_requests(self, request_ids: Iterable[str]) -> None:
        """Abort requests. They give back at once what they hold, on the device and on the host.

        Args:
            request_ids: ids of requests; those that are unknown or finished are passed over.
        """
        raise NotImplementedError("Stage 5 · Scheduler.finish_requests is not written yet")

    def get_request_counts(self) -> tuple[int, int]:
        """Give the number of running and of waiting requests, preempted ones among the latter."""
        raise NotImplementedError("Stage 5 · Scheduler.get_request_counts is not written yet")
