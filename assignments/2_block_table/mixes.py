"""Which operations random programs are made of, and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """Relative frequencies of the operations, and what they are given.

    Attributes:
        admit: a request comes, is looked up, and computes a part of its prompt.
        grow: a request computes what it has left, or generates tokens and computes those.
        live: most requests at a time.
        reserve: whether steps reserve blocks now and then.
        vocabulary: number of different tokens; few of them make many equal prefixes.
        longest: longest prompt.
    """

    admit: int = 4
    grow: int = 8
    fork: int = 0
    truncate: int = 0
    free: int = 3
    preempt: int = 0
    misuse: int = 0
    live: int = 6
    reserve: bool = False
    vocabulary: int = 50
    longest: int = 12
    caching: bool = True


GROWTH = Mix(caching=False, reserve=True)
PREFIXES = Mix(admit=6, grow=4, free=6, preempt=1, vocabulary=2)
FORKS = Mix(admit=2, fork=4, truncate=3, caching=False)
EVERYTHING = Mix(admit=5, fork=2, truncate=2, preempt=1, misuse=1, vocabulary=2, reserve=True)
