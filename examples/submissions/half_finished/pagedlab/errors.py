"""The named errors of the contract. Given: use them, do not change them.

An operation that raises leaves everything as it was before the call.
"""


class PagedLabError(Exception):
    """Base of all errors that the contract names."""


class OutOfBlocks(PagedLabError):
    """More blocks were asked for than are free."""


class DoubleFree(PagedLabError):
    """A block was given back more often than it was taken."""


class UnknownBlock(PagedLabError):
    """The block does not belong to this pool."""


class IntegrityError(PagedLabError):
    """`check_integrity` found the pool's own records in contradiction."""


# ---- Stage 3: address translation ----------------------------------------------------------------


class UnmappedPosition(PagedLabError):
    """The block table has no block for a position."""


class UnknownSlot(PagedLabError):
    """The slot is not one of the cache, nor that of padding."""


# ---- Stage 6: memory tracking --------------------------------------------------------------------


class OutOfSlots(PagedLabError):
    """No hole of a contiguous memory is large enough."""


class UnknownRequest(PagedLabError):
    """The request holds nothing here."""


class ContradictoryEvent(PagedLabError):
    """An event says what cannot be, after the events before it."""


class Overloaded(PagedLabError):
    """Work arrives at least as fast as it can be done: there is no mean to wait for."""
