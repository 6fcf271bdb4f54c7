"""Verdicts on the lines of design.toml: what is claimed, held against what was seen. Pure.

What would have held is told to nobody: to copy it from a report is no insight.
"""

from __future__ import annotations

from dataclasses import dataclass

CONSTANT, LOGARITHMIC = 1.5, 4.0
"""Largest growth that passes for O(1), and for O(log n), which is 2 or less."""
NOTHING = "nothing to observe"
NOT_MEASURED = "not measured: it did not run, or its rule did not pass"


@dataclass(frozen=True)
class Claim:
    """One line of design.toml: what it says, and what the submission does.

    Attributes:
        name: of the claim.
        claimed: as text; "" if nothing is claimed.
        found: what would have held. Reports do not show it.
        holds: whether it does.
        hint: how to find out, or why nobody can; reports show it if the claim does not hold.
    """

    name: str
    claimed: str
    found: str
    holds: bool
    hint: str = ""

    def told(self) -> str:
        """A line for the report of a claim that does not hold, without the answer."""
        if not self.claimed:
            return f"{self.name}: you claim nothing" + f"; {self.hint}" * bool(self.hint)
        return f"{self.name}: {self.claimed} does not hold" + f"; {self.hint}" * bool(self.hint)


def equal(name: str, claimed: object, found: object, hint: str = "") -> Claim:
    """A claim of a whole number or a word, which must be what was seen, type and all.

    Args:
        name: of the claim.
        claimed: as read; None or "" if nothing is claimed.
        found: a number or a word; anything else, or "", if there was nothing to observe.
        hint: how to find out.
    """
    known = type(found) in (int, str) and found != ""
    holds = known and type(claimed) is type(found) and claimed == found
    shown, hint = (repr(found), hint) if known else (NOTHING, f"there is {NOTHING}")
    return Claim(name, _said(claimed), shown, holds, hint)


def near(name: str, claimed: object, found: float | None, tolerance: float) -> Claim:
    """A claim of a measured figure, which may be off by so large a part of what was found.

    Args:
        name: of the claim.
        claimed: as read; only a number can hold.
        found: None if it was not measured.
        tolerance: as a part of `found`: 0.25 is a quarter.
    """
    if found is None:
        return Claim(name, _said(claimed), NOT_MEASURED, False, NOT_MEASURED)
    number = isinstance(claimed, int | float) and not isinstance(claimed, bool)
    holds = number and abs(claimed - found) <= tolerance * abs(found)  # type: ignore[operator]
    text = f"{found:,g}, and {tolerance:.0%} more or less will do"
    return Claim(name, _said(claimed), text, holds, f"what was found is over {tolerance:.0%} off")


def complexity(name: str, claimed: object, growth: float | None, against: str) -> Claim:
    """A claim of a class of cost, or of O(log n) where growth cannot tell it from O(1).

    Args:
        name: of the claim.
        claimed: "O(1)", "O(log n)" or "O(n)".
        growth: cost at the stage's large size by that at the small one; None if not measured.
        against: what the cost is compared with: "at 100 times the tokens".
    """
    if growth is None:
        return Claim(f"complexity.{name}", _said(claimed), NOT_MEASURED, False, NOT_MEASURED)
    right: tuple[str, ...]
    if growth <= CONSTANT:
        right = ("O(1)", "O(log n)")
    else:
        right = ("O(log n)",) if growth <= LOGARITHMIC else ("O(n)",)
    evidence = f"{growth:.3g} times the cost {against}"
    found = f"{right[0]}: {evidence}"
    return Claim(f"complexity.{name}", _said(claimed), found, claimed in right, evidence)


def _said(claimed: object) -> str:
    return "" if claimed is None or claimed == "" else repr(claimed)
