"""Hidden. A tracker that keeps every event's state and answers by looking at all of it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from stage6.slow_allocator import Refused

from autograder.protocol.plain import Json


class SlowTracker:
    """Keeps who holds each block, what is in it, and every usage with its time."""

    def __init__(self, num_blocks: int, block_size: int) -> None:
        if num_blocks < 2 or block_size < 1:
            raise Refused("ValueError")
        self._block_size = block_size
        self._holders: list[set[str]] = [set() for _ in range(num_blocks)]
        self._filled = [0] * num_blocks
        self._over: set[str] = set()
        self._times = [0.0]
        self._used = [0]

    # ---- events --------------------------------------------------------------------------------

    def allocate(self, time: float, request: str, blocks: list[int]) -> None:
        """New blocks."""
        known = self._known(blocks)
        wrong = request in self._over or any(self._holders[one] for one in known)
        self._refuse(time, blocks, wrong)
        for one in known:
            self._holders[one] = {request}
            self._filled[one] = 0
        self._note(time)

    def share(self, time: float, request: str, blocks: list[int]) -> None:
        """Blocks with their content."""
        known = self._known(blocks)
        wrong = request in self._over or any(request in self._holders[one] for one in known)
        self._refuse(time, blocks, wrong)
        for one in known:
            self._holders[one].add(request)
        self._note(time)

    def write(self, time: float, block: int, num_tokens: int) -> None:
        """What is in a block now."""
        wrong = not any(self._holders[one] for one in self._known([block]))
        fits = 0 <= num_tokens <= self._block_size
        self._refuse(time, [block], wrong, *([] if fits else ["ValueError"]))
        self._filled[block] = num_tokens
        self._note(time)

    def free(self, time: float, request: str, blocks: list[int]) -> None:
        """Blocks given back."""
        known = self._known(blocks)
        self._refuse(time, blocks, not all(request in self._holders[one] for one in known))
        for one in known:
            self._holders[one].remove(request)
        self._note(time)

    def finish(self, time: float, request: str) -> None:
        """A request is over."""
        self._refuse(time, [], False)
        self._over.add(request)
        self._note(time)

    def percentile(self, percent: float) -> int:
        """The level at which enough of the time lies below, levels sorted."""
        if not 0 < percent <= 100:
            raise Refused("ValueError")
        usable, now = len(self._holders) - 1, self._times[-1]
        if not now:
            return math.ceil(100 * self._used[-1] / usable)
        spans = zip(self._times, self._times[1:], self._used, strict=False)
        share = 0.0
        for used, seconds in sorted((used, end - start) for start, end, used in spans):
            share += seconds
            if 100 * share >= percent * now:
                return math.ceil(100 * used / usable)
        return 100

    # ---- what must be shown --------------------------------------------------------------------

    def state(self) -> Mapping[str, Json]:
        """What must be shown."""
        used = [index for index, names in enumerate(self._holders) if names]
        tokens = sum(self._filled[index] for index in used)
        shared = len([index for index in used if len(self._holders[index]) > 1])
        leaks = [
            [name, index]
            for index, names in enumerate(self._holders)
            for name in names & self._over
        ]
        return {
            "usage": [len(used), shared, tokens, self._block_size * len(used) - tokens],
            "peak": max(self._used),
            "mean": self._mean(),
            "percentiles": {str(percent): self.percentile(percent) for percent in (50, 90, 100)},
            "leaks": sorted(leaks, key=str),
            "holders": {str(i): sorted(names) for i, names in enumerate(self._holders)},
        }

    def _mean(self) -> float:
        usable = len(self._holders) - 1
        if not self._times[-1]:
            return self._used[-1] / usable
        spans = zip(self._times, self._times[1:], self._used, strict=False)
        return sum((end - start) * used for start, end, used in spans) / usable / self._times[-1]

    def _note(self, time: float) -> None:
        self._times.append(time)
        self._used.append(sum(bool(names) for names in self._holders))
        self._over = {name for name in self._over if any(name in names for names in self._holders)}

    def _known(self, blocks: list[int]) -> list[int]:
        return [one for one in blocks if 0 < one < len(self._holders)]

    def _refuse(self, time: float, blocks: list[int], wrong: bool, *errors: str) -> None:
        """Raise all errors that apply, of which the submission may choose."""
        known = self._known(blocks)
        found = list(errors)
        if time < self._times[-1]:
            found.append("ValueError")
        if any(not 0 <= one < len(self._holders) for one in blocks):
            found.append("UnknownBlock")
        if wrong or len(known) != len(set(known)):
            found.append("ContradictoryEvent")
        if found:
            raise Refused(*found)
