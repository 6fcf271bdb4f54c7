"""Hidden. KV memories as arrays with one entry a slot, and a replay on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage6.slow_allocator import Refused, SlowAllocator, reserved_size

from autograder.protocol.plain import Json


class SlowMemory:
    """Each request's slots are counted one by one; paged if there is no allocator."""

    def __init__(
        self, allocator: SlowAllocator | None, policy: str, limit: int, block_size: int = 0
    ) -> None:
        if allocator is None and (limit < 1 or block_size < 1):
            raise Refused("ValueError")
        self._allocator = allocator
        self._policy = policy
        self._longest = self._num_blocks = limit
        self._block = block_size
        self._held: dict[str, list[int]] = {}

    @property
    def num_slots(self) -> int:
        """Size of the memory."""
        return len(self._allocator.owner) if self._allocator else self._num_blocks * self._block

    def admit(self, request: str, prompt: int, output: int) -> bool:
        """Take in a request; [slots, used, tokens at its end]."""
        if self._allocator is not None:
            size = reserved_size(self._policy, prompt, output, self._longest)
            try:
                size = self._allocator.take(request, size)[1]
            except Refused as refused:
                if "OutOfSlots" in refused.errors:
                    return False
                raise
        else:
            if request in self._held:
                raise Refused("ValueError")
            size = -(-prompt // self._block) * self._block
            if size > self._free():
                return False
        self._held[request] = [size, prompt, prompt + output]
        return True

    def append(self, request: str) -> bool:
        """Store a token."""
        self._known(request)
        size, used, tokens = self._held[request]
        if used == size and self._block and self._free():
            size += self._block
        if used == size:
            return False
        self._held[request] = [size, used + 1, tokens]
        return True

    def release(self, request: str) -> None:
        """Give back."""
        self._known(request)
        del self._held[request]
        if self._allocator is not None:
            self._allocator.give(request)

    def use(self, prompt: int, output: int) -> list[int]:
        """The five parts while a request waits."""
        wanted = 0
        if self._allocator is not None:
            wanted = reserved_size(self._policy, prompt, output, self._longest)
        return self._parts(wanted)

    def state(self) -> Mapping[str, Json]:
        """What must be shown."""
        return {"use": list(self._parts(0))}

    def _parts(self, wanted: int) -> list[int]:
        kinds = [0, 0, 0]
        for size, used, tokens in self._held.values():
            for slot in range(size):
                kinds[0 if slot < used else 1 if slot < tokens else 2] += 1
        holes = self._allocator.holes() if self._allocator else []
        external = sum(size for _, size in holes if size < wanted)
        return [*kinds, external, self.num_slots - sum(kinds) - external]

    def _free(self) -> int:
        return self.num_slots - sum(size for size, _, _ in self._held.values())

    def _known(self, request: str) -> None:
        if request not in self._held:
            raise Refused("UnknownRequest")


def replayed(memory: Mapping[str, Any], requests: list[list[int]], max_num_seqs: int) -> Json:
    """What a replay must show, by the words of `replay`'s docstring."""
    args = memory["args"]
    if memory["name"] == "paged":
        model = SlowMemory(None, "", args["num_blocks"], args["block_size"])
    else:
        allocator = SlowAllocator(args["num_slots"], args["placement"] == "buddy")
        model = SlowMemory(allocator, args["policy"], args["max_model_len"])
    waiting = [[f"r{index}", *lengths, 0] for index, lengths in enumerate(requests)]
    running: list[Any] = []
    total, counts = [0] * 5, [0, 0, 0]
    while waiting or running:
        preempted = 0
        for one in list(running):
            while one in running and not model.append(one[0]):
                victim = running.pop()
                model.release(victim[0])
                done = victim[1] + victim[3]
                waiting.insert(0, [victim[0], done, victim[2] - victim[3], 0])
                preempted += 1
            one[3] += one in running
        while waiting and not preempted and len(running) < max_num_seqs:
            if not model.admit(*waiting[0][:3]):
                break
            running.append(waiting.pop(0))
        if waiting:
            total = [a + b for a, b in zip(total, model.use(*waiting[0][1:3]), strict=True)]
            counts[0] += len(running)
            counts[1] += 1
        counts[2] += preempted
        for one in [one for one in running if one[3] == one[2]]:
            running.remove(one)
            model.release(one[0])
    return {"use": list(total), "counts": list(counts), "left": list(model.state()["use"])}  # type: ignore[arg-type]
