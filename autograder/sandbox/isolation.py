"""Finds out how far this machine lets a worker be set apart."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.sandbox import credentials, landlock, seccomp
from autograder.sandbox.policy import interpreter_paths
from autograder.sandbox.tiers import Isolation, Layer, Tier
from autograder.sandbox.trial import try_out

__all__ = ["Isolation", "Layer", "Tier", "probe"]

_ORDER = tuple(Tier)


def probe(at_most: Tier = Tier.NAMESPACES) -> Isolation:
    """Return the strongest isolation that held when it was tried, `at_most` the tier given.

    Forks a child for each try and attacks the promise from inside; leaves nothing behind. Never
    raises: where all else fails it returns `Tier.LIMITS`, with the reasons among its facts. To be
    called from a single-threaded process.
    """
    interpreter_paths()
    reasons: dict[Tier, str] = {}
    for tier, layers in _candidates():
        if _ORDER.index(tier) < _ORDER.index(at_most):
            continue
        reason = try_out(Isolation(tier, (), layers))
        if not reason:
            return Isolation(tier, (*_facts(tier, layers), *_missing(reasons, tier)), layers)
        reasons.setdefault(tier, reason)
    return Isolation(Tier.LIMITS, ("honour system", *_missing(reasons)), frozenset())


def _missing(reasons: dict[Tier, str], held: Tier | None = None) -> list[str]:
    """Return why each tier but the one that held could not be had."""
    return [f"without {tier.value}: {why}" for tier, why in reasons.items() if tier is not held]


def _candidates() -> Iterator[tuple[Tier, frozenset[Layer]]]:
    """Yield what to try, strongest first, leaving out what cannot be there."""
    present: set[Layer] = set()
    if landlock.abi():
        present.add(Layer.LANDLOCK)
    if seccomp.available():
        present.add(Layer.SECCOMP)
    own = {Layer.OWN_UID} if credentials.worker_ids(own=True).own else set()
    yield Tier.NAMESPACES, frozenset(present | own | {Layer.PROC})
    yield Tier.NAMESPACES, frozenset(present | own)
    if present == {Layer.LANDLOCK, Layer.SECCOMP}:
        yield Tier.LANDLOCK, frozenset(present | own)
        if own:
            yield Tier.LANDLOCK, frozenset(present | own | {Layer.READ_ALL})
    filters = present & {Layer.SECCOMP}
    if own:
        yield Tier.UID, frozenset(filters | own)
        yield Tier.LIMITS, frozenset(filters | own | {Layer.READ_ALL})
    yield Tier.LIMITS, frozenset(filters)


def _facts(tier: Tier, layers: frozenset[Layer]) -> tuple[str, ...]:
    """Return what holds, in plain words, then what this tier lacks."""
    facts = {
        Tier.NAMESPACES: ["no network", "private /tmp", "read-only", "hidden files not mounted"],
        Tier.LANDLOCK: ["no network", "read-only", "hidden files not readable"],
        Tier.UID: ["files closed to other users cannot be read"],
        Tier.LIMITS: ["honour system: only limits on memory, processes, files and time"],
    }[tier]
    if tier in (Tier.UID, Tier.LIMITS) and Layer.SECCOMP in layers:
        facts.append("no network")
    if Layer.OWN_UID in layers and tier is not Tier.UID:
        facts.append("a user of its own")
    if Layer.READ_ALL in layers and tier is Tier.LANDLOCK:
        facts.append(Layer.READ_ALL.value)
    if Layer.LANDLOCK in layers:
        facts.append(f"landlock ABI {landlock.abi()}")
    if Layer.SECCOMP in layers:
        facts.append("seccomp")
    if tier is Tier.NAMESPACES:
        missing = {Layer.LANDLOCK, Layer.SECCOMP, Layer.PROC} - layers
        facts += [f"without {layer.value}" for layer in sorted(missing)]
    return tuple(facts)
