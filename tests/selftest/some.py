"""Which of many like cases the gate tries."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

EVERY = 3
LONG = (4, 7)
"""Stages of which one grading takes a quarter of a minute."""
COVERED = (2, 3, *LONG)
"""Stages whose chaffs the gate tries so far that every rule is lost by one."""


def some(names: Iterable[str]) -> list[object]:
    """All of the names as cases, two of three of them marked slow."""
    return [
        pytest.param(name, id=name, marks=[pytest.mark.slow] if number % EVERY else [])
        for number, name in enumerate(names)
    ]
