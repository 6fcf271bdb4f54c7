"""Stage 6. Contiguous KV memory, as it was before PagedAttention: what paging is compared with.

A request gets one run of slots, side by side, for its whole life. Where it is taken from is the
question here (first fit, buddy); how many slots it is to have is another (`fragmentation.py`).
Read next: Kwon et al., SOSP 2023, sections 3.1 and 6.1, where such memories are the baselines.
"""

from __future__ import annotations

from pagedlab.errors import UnknownRequest
from pagedlab.replay import Region


class FirstFitAllocator:
    """Cuts each region from the first hole that is large enough, and joins holes that touch.

    Example:
        >>> memory = FirstFitAllocator(num_slots=10)
        >>> memory.allocate("a", 4)
        Region(start=0, num_slots=4)
        >>> memory.allocate("b", 3).start
        4
        >>> memory.free("a")
        >>> [hole.num_slots for hole in memory.holes()]
        [4, 3]
    """

    num_slots: int
    """Size of the memory in slots."""

    def __init__(self, num_slots: int) -> None:
        """Begin with one hole.

        Args:
            num_slots: size of the memory in slots.

        Raises:
            ValueError: `num_slots` is below 1.
        """
        raise NotImplementedError("Stage 6 · FirstFitAllocator.__init__ is not written yet")

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Give a request a region of exactly `num_slots`, at the lowest start where it fits.

        Args:
            request_id: a request that holds no region.
            num_slots: slots that it needs.

        Returns:
            The region.

        Raises:
            ValueError: `num_slots` is below 1, or the request holds a region already.
            OutOfSlots: no hole is large enough; nothing changes.
        """
        raise NotImplementedError("Stage 6 · FirstFitAllocator.allocate is not written yet")

    def free(self, request_id: str) -> None:
        """Take a request's region back; the hole is joined with those that it touches.

        Args:
            request_id: a request that holds a region.

        Raises:
            UnknownRequest: it holds none; nothing changes.
        """
        raise NotImplementedError("Stage 6 · FirstFitAllocator.free is not written yet")

    def holes(self) -> list[Region]:
        """The free pieces by rising start, no two of which touch."""
        raise NotImplementedError("Stage 6 · FirstFitAllocator.holes is not written yet")


class BuddyAllocator:
    """Gives regions whose sizes are powers of two, by halving larger ones.

    The memory is first cut, from slot 0 on, into the largest powers of two that fit: 24 slots are
    a piece of 16 and one of 8. A piece is only ever joined with its buddy, the other half of the
    piece that it was cut from: joining takes no search, and leaves pieces that touch but are no
    buddies apart.

    Example:
        >>> memory = BuddyAllocator(num_slots=24)
        >>> memory.allocate("a", 3)
        Region(start=16, num_slots=4)
        >>> [(hole.start, hole.num_slots) for hole in memory.holes()]
        [(0, 16), (20, 4)]
    """

    num_slots: int
    """Size of the memory in slots."""

    def __init__(self, num_slots: int) -> None:
        """Cut the memory into powers of two, the largest first.

        Args:
            num_slots: size of the memory in slots.

        Raises:
            ValueError: `num_slots` is below 1.
        """
        raise NotImplementedError("Stage 6 · BuddyAllocator.__init__ is not written yet")

    def allocate(self, request_id: str, num_slots: int) -> Region:
        """Give a request a region of the next power of two from `num_slots` on.

        It is cut from the smallest hole that is large enough, the lowest one of that size, by
        halving the hole and going on with its lower half.

        Args:
            request_id: a request that holds no region.
            num_slots: slots that it needs.

        Returns:
            The region, the slots of the rounding included.

        Raises:
            ValueError: `num_slots` is below 1, or the request holds a region already.
            OutOfSlots: no hole is large enough; nothing changes.
        """
        raise NotImplementedError("Stage 6 · BuddyAllocator.allocate is not written yet")

    def free(self, request_id: str) -> None:
        """Take a request's region back, and join it with its buddy as long as that is free.

        Args:
            request_id: a request that holds a region.

        Raises:
            UnknownRequest: it holds none; nothing changes.
        """
        raise NotImplementedError("Stage 6 · BuddyAllocator.free is not written yet")

    def holes(self) -> list[Region]:
        """The free pieces by rising start; buddies are never both among them."""
        raise NotImplementedError("Stage 6 · BuddyAllocator.holes is not written yet")


# Given: what both allocators refuse.


def _at_least_one(num_slots: int) -> int:
    """The number itself, if it is one of slots that a memory or region can have.

    Raises:
        ValueError: it is below 1.
    """
    if num_slots < 1:
        raise ValueError(f"at least one slot, not {num_slots}")
    return num_slots


def _check_new(regions: dict[str, Region], request_id: str, num_slots: int) -> None:
    """Refuse an allocation that makes no sense.

    Raises:
        ValueError: it asks for nothing, or for a second region.
    """
    _at_least_one(num_slots)
    if request_id in regions:
        raise ValueError(f"request {request_id} holds a region already")


def _take_out(regions: dict[str, Region], request_id: str) -> Region:
    """The region of a request, no longer in `regions`.

    Raises:
        UnknownRequest: it has none.
    """
    if request_id not in regions:
        raise UnknownRequest(f"request {request_id} holds no region")
    return regions.pop(request_id)
