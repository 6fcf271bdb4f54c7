"""What the tests of the checks share."""

from __future__ import annotations

import json

from autograder.doctor.child import Outcome
from autograder.doctor.finding import Finding


def steps(*reports: dict[str, object], code: int | None = 0, errors: str = "") -> Outcome:
    """A canary that reported these steps and ended so."""
    return Outcome(code, "".join(json.dumps(report) + "\n" for report in reports), errors)


def bad(finding: Finding, status: str, *words: str) -> None:
    """Asserts a finding that is not well, says so in these words and says what to do."""
    assert finding.status == status, finding
    assert finding.do and "\n" not in finding.do
    for word in words:
        assert word in f"{finding.says} -> {finding.do}"
