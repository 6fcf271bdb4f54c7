"""Allocators and memories of stage 6."""

from __future__ import annotations

import importlib
from typing import Any

from stage6.driver_shown import USE, fields, region

from autograder.protocol.plain import Json
from autograder.worker.driver import plain


class Row:
    """Stands in for an allocator where a memory is graded alone: it counts slots, no more."""

    def __init__(self, num_slots: int) -> None:
        self.num_slots = num_slots
        self._sizes: dict[str, int] = {}

    def allocate(self, request_id: str, num_slots: int) -> Any:
        if request_id in self._sizes:
            raise ValueError("held already")
        if num_slots > self._rest():
            raise importlib.import_module("pagedlab.errors").OutOfSlots("no room")
        self._sizes[request_id] = num_slots
        return importlib.import_module("pagedlab.replay").Region(0, num_slots)

    def free(self, request_id: str) -> None:
        del self._sizes[request_id]

    def holes(self) -> list[Any]:
        region = importlib.import_module("pagedlab.replay").Region
        return [region(0, self._rest())] if self._rest() else []

    def _rest(self) -> int:
        return self.num_slots - sum(self._sizes.values())


class Memories:
    """Makes an allocator or a memory, and uses it."""

    def _make_first_fit(self, num_slots: int) -> Any:
        return self._module("contiguous").FirstFitAllocator(num_slots)

    def _make_buddy(self, num_slots: int) -> Any:
        return self._module("contiguous").BuddyAllocator(num_slots)

    def _make_paged(self, num_blocks: int, block_size: int) -> Any:
        return self._module("fragmentation").PagedMemory(num_blocks, block_size)

    def _make_contiguous(
        self, placement: str, policy: str, num_slots: int, max_model_len: int
    ) -> Any:
        row = placement == "row"
        allocator = Row(num_slots) if row else getattr(self, f"_make_{placement}")(num_slots)
        policy = self._given.Reservation(policy)
        return self._module("fragmentation").ContiguousMemory(allocator, policy, max_model_len)

    def _do_first_fit(self, **args: Any) -> Json:
        self._allocator = self._make_first_fit(**args)
        return None

    def _do_buddy(self, **args: Any) -> Json:
        self._allocator = self._make_buddy(**args)
        return None

    def _do_paged(self, **args: Any) -> Json:
        self._memory = self._make_paged(**args)
        return None

    def _do_contiguous(self, **args: Any) -> Json:
        self._memory = self._make_contiguous(**args)
        return None

    def _do_take(self, request: str, num_slots: int) -> Json:
        return region(self._allocator.allocate(request, num_slots))

    def _do_give(self, request: str) -> Json:
        return plain(self._allocator.free(request))

    def _do_admit(self, request: str, prompt: int, output: int) -> Json:
        return plain(self._memory.admit(self._given.Request(request, prompt, output)))

    def _do_append(self, request: str) -> Json:
        return plain(self._memory.append(request))

    def _do_release(self, request: str) -> Json:
        return plain(self._memory.release(request))

    def _do_use(self, prompt: int, output: int) -> Json:
        return fields(self._memory.use(self._given.Request("next", prompt, output)), USE)

    def _module(self, name: str) -> Any:
        if name not in self._modules:
            raise ImportError(f"pagedlab/{name}.py cannot be imported")
        return self._modules[name]
