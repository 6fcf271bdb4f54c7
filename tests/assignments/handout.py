"""How tests read the handout of stage 1: its sections, and what it cites."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAGE = ROOT / "assignments" / "1_block_pool"
HANDOUT = (STAGE / "README.md").read_text(encoding="utf-8")
RULES = tomllib.loads((STAGE / "stage.toml").read_text(encoding="utf-8"))


def section(number: str) -> str:
    """The text of one numbered section, its heading left out."""
    _, heading, rest = HANDOUT.partition(f"\n## §{number} ")
    assert heading, f"no section {number}"
    return rest.partition("\n## ")[0]


def section_numbers() -> list[str]:
    """Numbers of the sections, in order."""
    return re.findall(r"^## §(\d+\.\d+) ", HANDOUT, re.MULTILINE)


def answers() -> str:
    """The program that shows the answers to the predictions, as a doctest."""
    return section("1.4").partition("```python\n")[2].partition("```")[0]


def cited_sections(text: str) -> set[str]:
    """Numbers after "§1." or after a "§" whose stage is filled in when the program runs.

    The sign itself may be filled in, too: reports have a plain one for terminals without it.
    """
    return set(re.findall(r"(?:§|section\})(?:\{[^}]*\}|1)\.(\d+)", text))
