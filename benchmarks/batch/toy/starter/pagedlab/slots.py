"""A pool of slots, of which any may be taken and given back."""

from __future__ import annotations


class OutOfSlots(Exception):
    """More slots are asked for than are free."""


class Slots:
    """Owns the slots 0 ... size - 1."""

    def __init__(self, size: int) -> None:
        raise NotImplementedError("Slots.__init__ is not written yet")
