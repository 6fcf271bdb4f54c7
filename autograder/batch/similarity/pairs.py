"""Compare the submissions of a class two by two, by what only few of them share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

from autograder.batch.similarity.fingerprints import Fingerprints

COMMON = 0.25
"""What a larger part of the class has is the obvious way to write it, and says nothing."""
FEWEST = 12
"""Fingerprints below which a submission is too small to compare."""
PLACES = 3


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Attributes:
        share: part of the smaller one's fingerprints that the other has, 0 ... 1.
        places: where, in the one and in the other: "file:line".
    """

    one: str
    other: str
    share: float
    places: tuple[tuple[str, str], ...]


def alike(
    class_prints: Mapping[str, Fingerprints], given: Collection[int], least: float = 0.3
) -> list[Pair]:
    """The pairs that share at least so much, most alike first.

    Args:
        class_prints: fingerprints by submission.
        given: fingerprints of what everybody was given: they count for nothing.
        least: share from which on a pair is listed.
    """
    ours = {
        key: {value: place for value, place in prints.items() if value not in given}
        for key, prints in class_prints.items()
    }
    holders = Counter(value for prints in ours.values() for value in prints)
    most = max(2, round(COMMON * len(ours)))
    rare: dict[int, list[str]] = {}
    for key in sorted(ours):
        for value in ours[key]:
            if 2 <= holders[value] <= most:
                rare.setdefault(value, []).append(key)
    sizes = {key: sum(holders[value] <= most for value in prints) for key, prints in ours.items()}
    shared: Counter[tuple[str, str]] = Counter()
    for keys in rare.values():
        shared.update(combinations(keys, 2))
    pairs = []
    for (one, other), count in shared.items():
        size = min(sizes[one], sizes[other])
        if size >= FEWEST and count / size >= least:
            places = _places(ours[one], ours[other], rare)
            pairs.append(Pair(one, other, round(count / size, 3), places))
    return sorted(pairs, key=lambda pair: (-pair.share, pair.one, pair.other))


def _places(
    one: Fingerprints, other: Fingerprints, rare: Mapping[int, object]
) -> tuple[tuple[str, str], ...]:
    """Some places that both have, spread over the files."""
    both = sorted((one[value], other[value]) for value in one if value in other and value in rare)
    step = max(1, len(both) // PLACES)
    return tuple((f"{a}:{line}", f"{b}:{at}") for (a, line), (b, at) in both[::step][:PLACES])
