"""Stage 6. A tracker that knows, from events alone, what the KV blocks are used for.

It stands beside the block pool and changes nothing there: whoever takes, shares, fills or gives
back blocks says so, and the tracker keeps its sums up to date, so that a question costs no look
at the blocks. Read next in vLLM: `SchedulerStats` in `vllm/v1/metrics/stats.py` and
`KVCacheMetricsCollector` in `vllm/v1/core/kv_cache_metrics.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pagedlab.errors import ContradictoryEvent, UnknownBlock


@dataclass(frozen=True)
class Usage:
    """What the blocks are used for at one moment. Given.

    Attributes:
        num_used_blocks: blocks that at least one request holds.
        num_shared_blocks: those of them that more than one request holds.
        num_tokens: slots of used blocks that hold KV; those of a shared block count once.
        num_wasted_slots: slots of used blocks that hold none.
    """

    num_used_blocks: int = 0
    num_shared_blocks: int = 0
    num_tokens: int = 0
    num_wasted_slots: int = 0


@dataclass(frozen=True)
class Leak:
    """A block that a finished request still holds. Given."""

    request_id: str
    block_id: int


class MemoryTracker:
    """Follows the blocks of one pool through the events of its users.

    Every event has a time in seconds, not before that of the event before it. An event that is
    refused changes nothing, not even the time. The null block, block 0, is passed over where it
    is listed, and counts nowhere. The cost of an event depends on the blocks that it lists, that
    of a query on none; what the tracker stores depends on the blocks and on the requests that
    hold some, not on how many events there have been.

    Example:
        >>> tracker = MemoryTracker(num_blocks=9, block_size=4)
        >>> tracker.allocate(0.0, "a", [1, 2])
        >>> tracker.write(0.0, 1, 4)
        >>> tracker.share(1.0, "b", [1])
        >>> tracker.usage()
        Usage(num_used_blocks=2, num_shared_blocks=1, num_tokens=4, num_wasted_slots=4)
        >>> tracker.finish(2.0, "b")
        >>> tracker.leaks()
        [Leak(request_id='b', block_id=1)]
    """

    def __init__(self, num_blocks: int, block_size: int) -> None:
        """Begin at time 0.0, when no block is held or holds KV.

        Args:
            num_blocks: blocks of the pool, the null block among them.
            block_size: slots in a block.

        Raises:
            ValueError: there is no block but the null block, or a block has no slot.
        """
        self._num_blocks = num_blocks
        self._now = 0.0
        raise NotImplementedError("Stage 6 · MemoryTracker.__init__ is not written yet")

    # ---- events --------------------------------------------------------------------------------

    def allocate(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """A request has taken blocks that nobody holds. They hold no KV of any token yet.

        Args:
            time: in seconds.
            request_id: who takes them.
            block_ids: the blocks.

        Raises:
            ValueError: `time` lies before the last event.
            UnknownBlock: an id is none of the pool's.
            ContradictoryEvent: a block is held, or listed twice; or the request has finished.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.allocate is not written yet")

    def share(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """A request holds blocks with what is in them, held by others or by nobody (a cache hit).

        Args:
            time: in seconds.
            request_id: who holds them, too.
            block_ids: the blocks; they keep the KV that was written to them, by whomever.

        Raises:
            ValueError: `time` lies before the last event.
            UnknownBlock: an id is none of the pool's.
            ContradictoryEvent: the request holds a block already, or lists one twice; or it has
                finished.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.share is not written yet")

    def write(self, time: float, block_id: int, num_tokens: int) -> None:
        """A block holds the KV of `num_tokens` tokens from now on, however many it held before.

        Args:
            time: in seconds.
            block_id: a block that is held.
            num_tokens: 0 to the block's size.

        Raises:
            ValueError: `time` lies before the last event, or a block has not as many slots.
            UnknownBlock: the id is none of the pool's.
            ContradictoryEvent: nobody holds the block, or it is the null block.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.write is not written yet")

    def free(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """A request holds blocks no longer. One that nobody holds keeps its KV: it may be shared.

        Args:
            time: in seconds.
            request_id: who held them, finished or not.
            block_ids: the blocks.

        Raises:
            ValueError: `time` lies before the last event.
            UnknownBlock: an id is none of the pool's.
            ContradictoryEvent: the request does not hold a block, or lists one twice.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.free is not written yet")

    def finish(self, time: float, request_id: str) -> None:
        """A request is over; from now on, a block that it holds is a leak. Twice is once.

        Once it holds no block any more, the name may be used by a new request.

        Args:
            time: in seconds.
            request_id: who is done.

        Raises:
            ValueError: `time` lies before the last event.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.finish is not written yet")

    # ---- queries: none of them changes anything --------------------------------------------------

    def usage(self) -> Usage:
        """What the blocks are used for now, in O(1)."""
        raise NotImplementedError("Stage 6 · MemoryTracker.usage is not written yet")

    def holders(self, block_id: int) -> frozenset[str]:
        """Say who holds a block.

        Args:
            block_id: any id.

        Returns:
            The requests; none for the null block, or for an id that is none of the pool's.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.holders is not written yet")

    def peak_blocks(self) -> int:
        """Largest number of blocks that were ever in use after an event."""
        raise NotImplementedError("Stage 6 · MemoryTracker.peak_blocks is not written yet")

    def mean_usage(self) -> float:
        """Mean share of the usable blocks in use, from 0.0 to 1.0, over the time until now.

        Each usage counts for as long as it lasted; now is the time of the last event. Before any
        time has passed it is the usage now.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.mean_usage is not written yet")

    def percentile_usage(self, percent: float) -> int:
        """Usage, in whole percent, that was not exceeded for `percent` % of the time until now.

        Args:
            percent: above 0, at most 100.

        Returns:
            The smallest whole number u such that at most u % of the usable blocks were in use for
            at least `percent` % of the time; before any time has passed, that of the usage now.

        Raises:
            ValueError: `percent` is not above 0 or is above 100.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.percentile_usage is not written yet")

    def leaks(self) -> list[Leak]:
        """Every block that a finished request still holds, in any order, by request and block.

        The cost depends on the leaks alone.
        """
        raise NotImplementedError("Stage 6 · MemoryTracker.leaks is not written yet")

    def _check(self, time: float, block_ids: Sequence[int]) -> list[int]:
        """Given: the blocks of an event but the null block, if the event can be one at all.

        Raises:
            ValueError: it lies before the last one, which was at `_now`.
            UnknownBlock: an id is none of the pool's, which has `_num_blocks`.
            ContradictoryEvent: a block is listed twice.
        """
        if not time >= self._now:
            raise ValueError(f"time {time} after {self._now}")
        for block in block_ids:
            if not 0 <= block < self._num_blocks:
                raise UnknownBlock(f"block {block}: ids go from 0 to {self._num_blocks - 1}")
        blocks = [block for block in block_ids if block]
        if len(set(blocks)) < len(blocks):
            raise ContradictoryEvent(f"a block stands twice in {blocks}")
        return blocks
