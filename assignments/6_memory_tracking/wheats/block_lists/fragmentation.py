"""Slots one by one: booleans for each region, a list of block numbers for each request."""

from __future__ import annotations

from pagedlab.errors import OutOfSlots, UnknownRequest
from pagedlab.replay import MemoryUse, Region, Request, Reservation, SlotAllocator


def split_holding(num_slots: int, num_used: int, num_tokens: int) -> MemoryUse:
    """Go through the slots."""
    used = reservation = internal = 0
    for slot in range(num_slots):
        if slot < num_used:
            used += 1
        elif slot < num_tokens:
            reservation += 1
        else:
            internal += 1
    return MemoryUse(used, reservation, internal)


def reserved_slots(policy: Reservation, request: Request, max_model_len: int) -> int:
    """By policy."""
    if request.num_prompt_tokens + request.num_output_tokens > max_model_len:
        raise ValueError("too long")
    match policy:
        case Reservation.MAX:
            return max_model_len
        case Reservation.POW2:
            size = 0 if request.num_output_tokens == 0 else 1
            while size < request.num_output_tokens:
                size += size
            return min(max_model_len, size + request.num_prompt_tokens)
        case _:
            return request.num_prompt_tokens + request.num_output_tokens


class ContiguousMemory:
    """Regions whose slots are written one after the other."""

    def __init__(self, allocator: SlotAllocator, policy: Reservation, max_model_len: int) -> None:
        self.num_slots = allocator.num_slots
        self._allocator, self._policy, self._longest = allocator, policy, max_model_len
        self._slots: dict[str, list[bool]] = {}
        self._final: dict[str, int] = {}

    def admit(self, request: Request) -> bool:
        """Reserve and write the prompt."""
        size = reserved_slots(self._policy, request, self._longest)
        if request.request_id in self._slots:
            raise ValueError("again")
        try:
            region: Region = self._allocator.allocate(request.request_id, size)
        except OutOfSlots:
            return False
        prompt = request.num_prompt_tokens
        self._slots[request.request_id] = [slot < prompt for slot in range(region.num_slots)]
        self._final[request.request_id] = request.num_tokens
        return True

    def append(self, request_id: str) -> bool:
        """Write the next slot."""
        if request_id not in self._slots:
            raise UnknownRequest(request_id)
        slots = self._slots[request_id]
        if all(slots):
            return False
        slots[slots.index(False)] = True
        return True

    def release(self, request_id: str) -> None:
        """Give the region back."""
        if self._slots.pop(request_id, None) is None:
            raise UnknownRequest(request_id)
        self._allocator.free(request_id)

    def use(self, waiting: Request | None = None) -> MemoryUse:
        """Look at everything."""
        total = MemoryUse()
        for request_id, slots in self._slots.items():
            total += split_holding(len(slots), sum(slots), self._final[request_id])
        wanted = reserved_slots(self._policy, waiting, self._longest) if waiting else 0
        for hole in self._allocator.holes():
            small = hole.num_slots < wanted
            total += MemoryUse(external=hole.num_slots if small else 0)
            total += MemoryUse(free=0 if small else hole.num_slots)
        return total


class PagedMemory:
    """A stack of free block numbers, and a block table for each request."""

    def __init__(self, num_blocks: int, block_size: int) -> None:
        if min(num_blocks, block_size) < 1:
            raise ValueError("sizes")
        self.num_slots = num_blocks * block_size
        self._size = block_size
        self._free = list(range(num_blocks))
        self._tables: dict[str, list[int]] = {}
        self._lengths: dict[str, list[int]] = {}

    def admit(self, request: Request) -> bool:
        """Pop the prompt's blocks."""
        if request.request_id in self._tables:
            raise ValueError("again")
        needed = len(range(0, request.num_prompt_tokens, self._size))
        if needed > len(self._free):
            return False
        self._tables[request.request_id] = [self._free.pop() for _ in range(needed)]
        self._lengths[request.request_id] = [request.num_prompt_tokens, request.num_tokens]
        return True

    def append(self, request_id: str) -> bool:
        """Pop one more block where the next token begins one."""
        if request_id not in self._tables:
            raise UnknownRequest(request_id)
        table, lengths = self._tables[request_id], self._lengths[request_id]
        if lengths[0] // self._size == len(table):
            if not self._free:
                return False
            table.append(self._free.pop())
        lengths[0] += 1
        return True

    def release(self, request_id: str) -> None:
        """Push all blocks back."""
        if request_id not in self._tables:
            raise UnknownRequest(request_id)
        self._free += self._tables.pop(request_id)
        del self._lengths[request_id]

    def use(self, waiting: Request | None = None) -> MemoryUse:
        """Look at every table."""
        total = MemoryUse(free=len(self._free) * self._size)
        for request_id, table in self._tables.items():
            used, final = self._lengths[request_id]
            total = total + split_holding(len(table) * self._size, used, final)
        return total
