"""Stage 6. Where the slots of a KV memory go: used, reserved, wasted inside and outside, or free.

Two memories with one interface, so that the same trace runs on both (`replay.py`): contiguous
regions, and fixed blocks that a request takes one by one. The split of the waste is that of Kwon
et al., SOSP 2023, section 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pagedlab.errors import OutOfSlots, UnknownRequest
from pagedlab.replay import MemoryUse, Request, Reservation, SlotAllocator


@dataclass
class Holding:
    """What one request holds. Given, for use in both memories if you like.

    Attributes:
        num_slots: slots given to it.
        num_used: those of them that hold the KV of a token.
        num_tokens: tokens that it will have stored at its end.
    """

    num_slots: int
    num_used: int
    num_tokens: int


def split_holding(num_slots: int, num_used: int, num_tokens: int) -> MemoryUse:
    """Split the slots of one request into used, reservation and internal waste.

    Args:
        num_slots: slots given to the request.
        num_used: slots that hold the KV of a token, at most `num_slots`.
        num_tokens: tokens that the request will have stored at its end, at least `num_used`.

    Returns:
        The split; no slot of a request is external or free.

    Example:
        >>> split_holding(num_slots=16, num_used=5, num_tokens=9)
        MemoryUse(used=5, reservation=4, internal=7, external=0, free=0)
    """
    # BEGIN SOLUTION
    reservation = min(num_slots, num_tokens) - num_used
    return MemoryUse(num_used, reservation, num_slots - num_used - reservation)
    # END SOLUTION


def reserved_slots(policy: Reservation, request: Request, max_model_len: int) -> int:
    """Number of slots that are reserved when a request is admitted.

    Args:
        policy: the rule; under each of them, at most `max_model_len`.
        request: the request, with its true output length.
        max_model_len: tokens of the longest sequence that the model can have.

    Returns:
        A number of slots that holds the whole request.

    Raises:
        ValueError: the request has more tokens than `max_model_len`.
    """
    # BEGIN SOLUTION
    if request.num_tokens > max_model_len:
        raise ValueError(f"{request.num_tokens} tokens, the model takes {max_model_len}")
    if policy is Reservation.MAX:
        return max_model_len
    if policy is Reservation.ORACLE:
        return request.num_tokens
    output = request.num_output_tokens
    rounded = 1 << (output - 1).bit_length() if output else 0
    return min(request.num_prompt_tokens + rounded, max_model_len)
    # END SOLUTION


class ContiguousMemory:
    """KV memory in which a request's slots lie side by side and are all taken on admission."""

    num_slots: int
    """Size of the memory in slots."""

    def __init__(self, allocator: SlotAllocator, policy: Reservation, max_model_len: int) -> None:
        """Begin with an empty memory.

        Args:
            allocator: where regions come from; holds none yet.
            policy: how many slots a request reserves.
            max_model_len: tokens of the longest sequence that the model can have.
        """
        # BEGIN SOLUTION
        self.num_slots = allocator.num_slots
        self._allocator = allocator
        self._policy = policy
        self._max_model_len = max_model_len
        self._holdings: dict[str, Holding] = {}
        # END SOLUTION

    def admit(self, request: Request) -> bool:
        """Reserve a region for the whole request and store its prompt there.

        Args:
            request: a request that is not in the memory.

        Returns:
            True if it was admitted; False, with nothing changed, if no hole is large enough.

        Raises:
            ValueError: it has more tokens than `max_model_len`, or is in the memory already.
        """
        # BEGIN SOLUTION
        size = reserved_slots(self._policy, request, self._max_model_len)
        try:
            region = self._allocator.allocate(request.request_id, size)
        except OutOfSlots:
            return False
        holding = Holding(region.num_slots, request.num_prompt_tokens, request.num_tokens)
        self._holdings[request.request_id] = holding
        return True
        # END SOLUTION

    def append(self, request_id: str) -> bool:
        """Store one more token of a request.

        Args:
            request_id: a request in the memory.

        Returns:
            True if it was stored; False, with nothing changed, if the region is full.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        # BEGIN SOLUTION
        holding = _held(self._holdings, request_id)
        if holding.num_used == holding.num_slots:
            return False
        holding.num_used += 1
        return True
        # END SOLUTION

    def release(self, request_id: str) -> None:
        """Give the request's region back, filled or not.

        Args:
            request_id: a request in the memory.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        # BEGIN SOLUTION
        _held(self._holdings, request_id)
        self._allocator.free(request_id)
        del self._holdings[request_id]
        # END SOLUTION

    def use(self, waiting: Request | None = None) -> MemoryUse:
        """Say what every slot is doing. Changes nothing.

        Args:
            waiting: the request that is admitted next: free slots in holes too small for its
                reservation are external waste. None if no request waits: no slot is then.

        Returns:
            The use of all slots; a region's rounding is internal waste, as it is never filled.
        """
        # BEGIN SOLUTION
        size = reserved_slots(self._policy, waiting, self._max_model_len) if waiting else 0
        holes = [hole.num_slots for hole in self._allocator.holes()]
        external = sum(hole for hole in holes if hole < size)
        return _sum_up(self._holdings) + MemoryUse(external=external, free=sum(holes) - external)
        # END SOLUTION


class PagedMemory:
    """KV memory in blocks of equal size: a request takes one whenever its last one is full."""

    num_slots: int
    """Size of the memory in slots."""

    def __init__(self, num_blocks: int, block_size: int) -> None:
        """Begin with all blocks free.

        Args:
            num_blocks: blocks that can be used (there is no null block here).
            block_size: slots in a block.

        Raises:
            ValueError: one of them is below 1.

        Example:
            >>> memory = PagedMemory(num_blocks=4, block_size=4)
            >>> memory.admit(Request("a", num_prompt_tokens=5, num_output_tokens=2))
            True
            >>> memory.use()
            MemoryUse(used=5, reservation=2, internal=1, external=0, free=8)
        """
        # BEGIN SOLUTION
        if num_blocks < 1 or block_size < 1:
            raise ValueError("a memory has at least one block, and a block one slot")
        self.num_slots = num_blocks * block_size
        self._block_size = block_size
        self._num_free = num_blocks
        self._holdings: dict[str, Holding] = {}
        # END SOLUTION

    def admit(self, request: Request) -> bool:
        """Take as many blocks as the prompt needs, and store it there.

        Args:
            request: a request that is not in the memory.

        Returns:
            True if it was admitted; False, with nothing changed, if too few blocks are free.

        Raises:
            ValueError: the request is in the memory already.
        """
        # BEGIN SOLUTION
        if request.request_id in self._holdings:
            raise ValueError(f"request {request.request_id} is in the memory already")
        num_blocks = -(-request.num_prompt_tokens // self._block_size)
        if num_blocks > self._num_free:
            return False
        self._num_free -= num_blocks
        self._holdings[request.request_id] = Holding(
            num_blocks * self._block_size, request.num_prompt_tokens, request.num_tokens
        )
        return True
        # END SOLUTION

    def append(self, request_id: str) -> bool:
        """Store one more token of a request, in a new block if its last one is full.

        Args:
            request_id: a request in the memory.

        Returns:
            True if it was stored; False, with nothing changed, if a block is needed and none free.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        # BEGIN SOLUTION
        holding = _held(self._holdings, request_id)
        if holding.num_used == holding.num_slots:
            if not self._num_free:
                return False
            self._num_free -= 1
            holding.num_slots += self._block_size
        holding.num_used += 1
        return True
        # END SOLUTION

    def release(self, request_id: str) -> None:
        """Give the request's blocks back.

        Args:
            request_id: a request in the memory.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        # BEGIN SOLUTION
        holding = _held(self._holdings, request_id)
        self._num_free += holding.num_slots // self._block_size
        del self._holdings[request_id]
        # END SOLUTION

    def use(self, waiting: Request | None = None) -> MemoryUse:
        """Say what every slot is doing. Changes nothing.

        Args:
            waiting: the request that is admitted next; any free block serves it, so that nothing
                is external waste.

        Returns:
            The use of all slots.
        """
        # BEGIN SOLUTION
        return _sum_up(self._holdings) + MemoryUse(free=self._num_free * self._block_size)
        # END SOLUTION


# Given: what both memories share.


def _held(holdings: Mapping[str, Holding], request_id: str) -> Holding:
    """What a request holds.

    Raises:
        UnknownRequest: it is not in the memory.
    """
    if request_id not in holdings:
        raise UnknownRequest(f"request {request_id} is not in the memory")
    return holdings[request_id]


def _sum_up(holdings: Mapping[str, Holding]) -> MemoryUse:
    """What all requests together do with their slots."""
    total = MemoryUse()
    for one in holdings.values():
        total += split_holding(one.num_slots, one.num_used, one.num_tokens)
    return total
