"""Lists by block id, and a Fenwick tree over the number of blocks: O(log n) for a percentile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pagedlab.errors import ContradictoryEvent, UnknownBlock


@dataclass(frozen=True)
class Usage:
    """Use of the blocks."""

    num_used_blocks: int = 0
    num_shared_blocks: int = 0
    num_tokens: int = 0
    num_wasted_slots: int = 0


@dataclass(frozen=True)
class Leak:
    """A leak."""

    request_id: str
    block_id: int


class _Seconds:
    """Seconds by number of blocks in use, with sums of a prefix."""

    def __init__(self, size: int) -> None:
        self._tree = [0.0] * (size + 2)
        self.total = 0.0

    def add(self, index: int, seconds: float) -> None:
        self.total += seconds
        index += 1
        while index < len(self._tree):
            self._tree[index] += seconds
            index += index & -index

    def first_with(self, percent: float) -> int:
        """The smallest index up to which there are that many percent of all seconds."""
        index, passed = 0, 0.0
        step = 1 << len(self._tree).bit_length()
        while step:
            if index + step < len(self._tree):
                further = passed + self._tree[index + step]
                if further * 100 < percent * self.total:
                    index, passed = index + step, further
            step >>= 1
        return index


class MemoryTracker:
    """Everything indexed by block id."""

    def __init__(self, num_blocks: int, block_size: int) -> None:
        if num_blocks < 2 or block_size < 1:
            raise ValueError("sizes")
        self._block_size = block_size
        self._by: list[list[str]] = [[] for _ in range(num_blocks)]
        self._fill = [0] * num_blocks
        self._own: dict[str, dict[int, None]] = {}
        self._leaking: dict[str, None] = {}
        self._counts = [0, 0, 0]  # used, shared, tokens
        self._peak, self._clock, self._area = 0, 0.0, 0.0
        self._seconds = _Seconds(num_blocks)

    def allocate(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """New blocks."""
        blocks = self._blocks(time, block_ids)
        if request_id in self._leaking or any(self._by[block] for block in blocks):
            raise ContradictoryEvent("held or finished")
        self._pass(time)
        for block in blocks:
            self._fill[block] = 0
            self._join(request_id, block)

    def share(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """Filled blocks."""
        blocks = self._blocks(time, block_ids)
        if request_id in self._leaking or any(request_id in self._by[block] for block in blocks):
            raise ContradictoryEvent("held already or finished")
        self._pass(time)
        for block in blocks:
            self._join(request_id, block)

    def write(self, time: float, block_id: int, num_tokens: int) -> None:
        """Content of a block."""
        blocks = self._blocks(time, [block_id])
        if num_tokens < 0 or num_tokens > self._block_size:
            raise ValueError("tokens")
        if not blocks or not self._by[block_id]:
            raise ContradictoryEvent("not held")
        self._pass(time)
        self._counts[2] += num_tokens - self._fill[block_id]
        self._fill[block_id] = num_tokens

    def free(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """Blocks let go."""
        blocks = self._blocks(time, block_ids)
        if any(request_id not in self._by[block] for block in blocks):
            raise ContradictoryEvent("not held")
        self._pass(time)
        for block in blocks:
            self._by[block].remove(request_id)
            del self._own[request_id][block]
            left = len(self._by[block])
            self._counts[0] -= left == 0
            self._counts[1] -= left == 1
            self._counts[2] -= 0 if left else self._fill[block]
        self._tidy(request_id)

    def finish(self, time: float, request_id: str) -> None:
        """The end of a request."""
        self._blocks(time, ())
        self._pass(time)
        self._leaking[request_id] = None
        self._tidy(request_id)

    def usage(self) -> Usage:
        """The counts."""
        used, shared, tokens = self._counts
        return Usage(used, shared, tokens, self._block_size * used - tokens)

    def holders(self, block_id: int) -> frozenset[str]:
        """Whoever holds it."""
        known = 0 < block_id < len(self._by)
        return frozenset(self._by[block_id] if known else ())

    def peak_blocks(self) -> int:
        """The peak."""
        return self._peak

    def mean_usage(self) -> float:
        """Area over time."""
        height = self._area / self._clock if self._clock else self._counts[0]
        return height / (len(self._by) - 1)

    def percentile_usage(self, percent: float) -> int:
        """By descent in the tree."""
        if not 0 < percent <= 100:
            raise ValueError("percent")
        used = self._seconds.first_with(percent) if self._clock else self._counts[0]
        whole, rest = divmod(100 * used, len(self._by) - 1)
        return whole + (rest > 0)

    def leaks(self) -> list[Leak]:
        """Blocks of those who are gone."""
        return [Leak(name, block) for name in self._leaking for block in self._own[name]]

    def _join(self, request_id: str, block: int) -> None:
        self._by[block].append(request_id)
        self._own.setdefault(request_id, {})[block] = None
        holders = len(self._by[block])
        self._counts[0] += holders == 1
        self._counts[1] += holders == 2
        self._counts[2] += self._fill[block] if holders == 1 else 0
        self._peak = max(self._peak, self._counts[0])

    def _pass(self, time: float) -> None:
        self._seconds.add(self._counts[0], time - self._clock)
        self._area += self._counts[0] * (time - self._clock)
        self._clock = time

    def _tidy(self, request_id: str) -> None:
        if not self._own.get(request_id):
            self._own.pop(request_id, None)
            self._leaking.pop(request_id, None)

    def _blocks(self, time: float, block_ids: Sequence[int]) -> list[int]:
        if time < self._clock:
            raise ValueError("time")
        if any(block < 0 or block >= len(self._by) for block in block_ids):
            raise UnknownBlock("id")
        blocks = [block for block in block_ids if block]
        if len(blocks) != len(set(blocks)):
            raise ContradictoryEvent("twice")
        return blocks
