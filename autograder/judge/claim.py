"""Verdicts on the lines of design.toml: what is claimed, held against what was seen. Pure."""

from __future__ import annotations

from dataclasses import dataclass

CONSTANT, LOGARITHMIC = 1.5, 4.0
"""Largest growth that passes for O(1), and for O(log n), which is 2 or less."""
NOT_MEASURED = "not measured: it did not run, or its rule did not pass"


@dataclass(frozen=True)
class Claim:
    """One line of design.toml: what it says, and what the submission does."""

    name: str
    claimed: str
    found: str
    holds: bool


def equal(name: str, claimed: object, found: object) -> Claim:
    """A claim of a whole number or a word, which must be what was seen, type and all.

    Args:
        name: of the claim.
        claimed: as read; None or "" if nothing is claimed.
        found: a number or a word; anything else, or "", if there was nothing to observe.
    """
    known = type(found) in (int, str) and found != ""
    holds = known and type(claimed) is type(found) and claimed == found
    return Claim(name, _said(claimed), repr(found) if known else "nothing to observe", holds)


def near(name: str, claimed: object, found: float | None, tolerance: float) -> Claim:
    """A claim of a measured figure, which may be off by so large a part of what was found.

    Args:
        name: of the claim.
        claimed: as read; only a number can hold.
        found: None if it was not measured.
        tolerance: as a part of `found`: 0.25 is a quarter.
    """
    if found is None:
        return Claim(name, _said(claimed), NOT_MEASURED, False)
    number = isinstance(claimed, int | float) and not isinstance(claimed, bool)
    holds = number and abs(claimed - found) <= tolerance * abs(found)  # type: ignore[operator]
    text = f"{found:,g}, and {tolerance:.0%} more or less will do"
    return Claim(name, _said(claimed), text, holds)


def complexity(name: str, claimed: object, growth: float | None, against: str) -> Claim:
    """A claim of a class of cost, or of O(log n) where growth cannot tell it from O(1).

    Args:
        name: of the claim.
        claimed: "O(1)", "O(log n)" or "O(n)".
        growth: cost at the stage's large size by that at the small one; None if not measured.
        against: what the cost is compared with: "at 100 times the tokens".
    """
    if growth is None:
        return Claim(f"complexity.{name}", _said(claimed), NOT_MEASURED, False)
    right: tuple[str, ...]
    if growth <= CONSTANT:
        right = ("O(1)", "O(log n)")
    else:
        right = ("O(log n)",) if growth <= LOGARITHMIC else ("O(n)",)
    found = f"{right[0]}: {growth:.3g} times the cost {against}"
    return Claim(f"complexity.{name}", _said(claimed), found, claimed in right)


def _said(claimed: object) -> str:
    return "" if claimed is None or claimed == "" else repr(claimed)
