"""What a submission shows that no correct one can: told as a violation."""

from __future__ import annotations

from autograder.program.model import Violation

LONGEST = 300
"""Characters of what was observed that are told."""


class Malformed(Exception):
    """The submission shows something that no correct one can. Carries the violation."""

    def __init__(self, expected: str, observed: str, invariant: str = "") -> None:
        """Blame an invariant, or the form of what is shown, if none is named."""
        super().__init__(observed)
        self.violation = Violation(invariant, expected, observed[:LONGEST])
