"""Stage 6. Where the slots of a KV memory go: used, reserved, wasted inside and outside, or free.

Two memories with one interface, so that the same trace runs on both (`replay.py`): contiguous
regions, and fixed blocks that a request takes one by one. The split of the waste is that of Kwon
et al., SOSP 2023, section 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pagedlab.errors import UnknownRequest
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
    raise NotImplementedError("Stage 6 · split_holding is not written yet")


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
    raise NotImplementedError("Stage 6 · reserved_slots is not written yet")


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
        raise NotImplementedError("Stage 6 · ContiguousMemory.__init__ is not written yet")

    def admit(self, request: Request) -> bool:
        """Reserve a region for the whole request and store its prompt there.

        Args:
            request: a request that is not in the memory.

        Returns:
            True if it was admitted; False, with nothing changed, if no hole is large enough.

        Raises:
            ValueError: it has more tokens than `max_model_len`, or is in the memory already.
        """
        raise NotImplementedError("Stage 6 · ContiguousMemory.admit is not written yet")

    def append(self, request_id: str) -> bool:
        """Store one more token of a request.

        Args:
            request_id: a request in the memory.

        Returns:
            True if it was stored; False, with nothing changed, if the region is full.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        raise NotImplementedError("Stage 6 · ContiguousMemory.append is not written yet")

    def release(self, request_id: str) -> None:
        """Give the request's region back, filled or not.

        Args:
            request_id: a request in the memory.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        raise NotImplementedError("Stage 6 · ContiguousMemory.release is not written yet")

    def use(self, waiting: Request | None = None) -> MemoryUse:
        """Say what every slot is doing. Changes nothing.

        Args:
            waiting: the request that is admitted next: free slots in holes too small for its
                reservation are external waste. None if no request waits: no slot is then.

        Returns:
            The use of all slots; a region's rounding is internal waste, as it is never filled.
        """
        raise NotImplementedError("Stage 6 · ContiguousMemory.use is not written yet")


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
        raise NotImplementedError("Stage 6 · PagedMemory.__init__ is not written yet")

    def admit(self, request: Request) -> bool:
        """Take as many blocks as the prompt needs, and store it there.

        Args:
            request: a request that is not in the memory.

        Returns:
            True if it was admitted; False, with nothing changed, if too few blocks are free.

        Raises:
            ValueError: the request is in the memory already.
        """
        raise NotImplementedError("Stage 6 · PagedMemory.admit is not written yet")

    def append(self, request_id: str) -> bool:
        """Store one more token of a request, in a new block if its last one is full.

        Args:
            request_id: a request in the memory.

        Returns:
            True if it was stored; False, with nothing changed, if a block is needed and none free.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        raise NotImplementedError("Stage 6 · PagedMemory.append is not written yet")

    def release(self, request_id: str) -> None:
        """Give the request's blocks back.

        Args:
            request_id: a request in the memory.

        Raises:
            UnknownRequest: the request is not in the memory.
        """
        raise NotImplementedError("Stage 6 · PagedMemory.release is not written yet")

    def use(self, waiting: Request | None = None) -> MemoryUse:
        """Say what every slot is doing. Changes nothing.

        Args:
            waiting: the request that is admitted next; any free block serves it, so that nothing
                is external waste.

        Returns:
            The use of all slots.
        """
        raise NotImplementedError("Stage 6 · PagedMemory.use is not written yet")


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
