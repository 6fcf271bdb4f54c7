"""How tests read a stage's handout: its sections, and what it cites."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.rubric.load import load_course
from autograder.rubric.model import Stage

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Handout:
    """The handout of one stage. Sections are numbered §N.1, §N.2, … and found by their titles."""

    stage: Stage

    @cached_property
    def text(self) -> str:
        """All of it."""
        return (self.stage.folder / "README.md").read_text(encoding="utf-8")

    def section(self, title: str) -> str:
        """The text of the numbered section whose title begins so, its heading left out."""
        parts = re.split(r"^## ", self.text, flags=re.MULTILINE)
        for part in parts[1:]:
            heading, _, rest = part.partition("\n")
            if re.match(rf"§{self.stage.id}\.\d+ {re.escape(title)}", heading):
                return rest
        raise AssertionError(f"stage {self.stage.id}: no section {title!r}")

    def section_numbers(self) -> list[str]:
        """Numbers of the sections, in order."""
        return re.findall(r"^## §(\d+\.\d+) ", self.text, re.MULTILINE)

    def answers(self) -> str:
        """The program that shows the answers to the predictions, as a doctest."""
        return self.section("Predict").partition("```python\n")[2].partition("```")[0]


HANDOUTS = tuple(Handout(stage) for stage in load_course(ROOT / "assignments").stages)


def cited_sections(text: str, stage: int) -> set[str]:
    """Numbers after "§N." or after a "§" whose stage is filled in when the program runs.

    The sign itself may be filled in, too: reports have a plain one for terminals without it.
    """
    return set(re.findall(rf"(?:§|section\}})(?:\{{[^}}]*\}}|{stage})\.(\d+)", text))
