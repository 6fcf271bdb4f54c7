"""Keeps who holds what and every usage, and scans both for every answer: slow, and right."""

from __future__ import annotations

from collections import Counter
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


class MemoryTracker:
    """A set of (request, block) pairs, a list of fills, and a list of all usages."""

    def __init__(self, num_blocks: int, block_size: int) -> None:
        if num_blocks <= 1 or block_size <= 0:
            raise ValueError("sizes")
        self.num_blocks, self.block_size = num_blocks, block_size
        self.pairs: set[tuple[str, int]] = set()
        self.fill = [0] * num_blocks
        self.blocks: Counter[int] = Counter()
        self.names: Counter[str] = Counter()
        self.gone: set[str] = set()
        self.history = [(0.0, 0)]

    def allocate(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """New blocks."""
        blocks = self._valid(time, block_ids)
        if request_id in self.gone or any(block in self.blocks for block in blocks):
            raise ContradictoryEvent(request_id)
        self._add({(request_id, block) for block in blocks})
        for block in blocks:
            self.fill[block] = 0
        self._log(time)

    def share(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """Filled blocks."""
        pairs = {(request_id, block) for block in self._valid(time, block_ids)}
        if request_id in self.gone or pairs & self.pairs:
            raise ContradictoryEvent(request_id)
        self._add(pairs)
        self._log(time)

    def write(self, time: float, block_id: int, num_tokens: int) -> None:
        """Content of a block."""
        blocks = self._valid(time, [block_id])
        if num_tokens not in range(self.block_size + 1):
            raise ValueError(num_tokens)
        if not any(block in self.blocks for block in blocks):
            raise ContradictoryEvent(block_id)
        self.fill[block_id] = num_tokens
        self._log(time)

    def free(self, time: float, request_id: str, block_ids: Sequence[int]) -> None:
        """Blocks let go."""
        pairs = {(request_id, block) for block in self._valid(time, block_ids)}
        if not pairs <= self.pairs:
            raise ContradictoryEvent(request_id)
        self.pairs -= pairs
        for name, block in pairs:
            self.blocks[block] -= 1
            self.names[name] -= 1
            if not self.blocks[block]:
                del self.blocks[block]
        self._log(time)

    def finish(self, time: float, request_id: str) -> None:
        """The end of a request."""
        self._valid(time, [])
        self.gone.add(request_id)
        self._log(time)

    def usage(self) -> Usage:
        """Count."""
        used = {block for _, block in self.pairs}
        tokens = sum(self.fill[block] for block in used)
        shared = sum(len(self.holders(block)) > 1 for block in used)
        return Usage(len(used), shared, tokens, len(used) * self.block_size - tokens)

    def holders(self, block_id: int) -> frozenset[str]:
        """Select."""
        return frozenset(name for name, block in self.pairs if block == block_id)

    def peak_blocks(self) -> int:
        """Maximum."""
        return max(used for _, used in self.history)

    def mean_usage(self) -> float:
        """Integrate."""
        spans = self._spans()
        total = sum(seconds for seconds, _ in spans)
        return sum(seconds * used for seconds, used in spans) / total / (self.num_blocks - 1)

    def percentile_usage(self, percent: float) -> int:
        """Try every level."""
        if percent <= 0 or percent > 100:
            raise ValueError(percent)
        spans = self._spans()
        total = sum(seconds for seconds, _ in spans)
        for level in range(101):
            enough = sum(s for s, used in spans if 100 * used <= level * (self.num_blocks - 1))
            if 100 * enough >= percent * total:
                return level
        return 100

    def leaks(self) -> list[Leak]:
        """Filter."""
        return [Leak(name, block) for name, block in sorted(self.pairs) if name in self.gone]

    def _spans(self) -> list[tuple[float, int]]:
        times = [time for time, _ in self.history]
        if times[-1] == 0:
            return [(1.0, self.history[-1][1])]
        ends = times[1:] + times[-1:]
        return [(e - t, used) for (t, used), e in zip(self.history, ends, strict=True)]

    def _add(self, pairs: set[tuple[str, int]]) -> None:
        self.pairs |= pairs
        self.blocks.update(block for _, block in pairs)
        self.names.update(name for name, _ in pairs)

    def _log(self, time: float) -> None:
        self.history.append((time, len(self.blocks)))
        self.gone = {name for name in self.gone if self.names[name]}

    def _valid(self, time: float, block_ids: Sequence[int]) -> set[int]:
        if time < self.history[-1][0]:
            raise ValueError(time)
        if any(block not in range(self.num_blocks) for block in block_ids):
            raise UnknownBlock(block_ids)
        blocks = [block for block in block_ids if block != 0]
        if len(set(blocks)) != len(blocks):
            raise ContradictoryEvent(block_ids)
        return set(blocks)
