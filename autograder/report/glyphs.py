"""Signs and colours of the terminal report, with an ASCII set for terminals without UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.scoring.outcome import Status

WORDS: Mapping[Status, str] = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.TIMEOUT: "too slow",
    Status.NOT_ATTEMPTED: "not attempted",
    Status.BLOCKED: "blocked",
    Status.SKIPPED: "not run here",
    Status.ERROR: "grader's fault",
}
"""A different word for each status, in every report."""


@dataclass(frozen=True)
class Glyphs:
    """Signs by status, and the parts of bars and arrows."""

    status: Mapping[Status, str]
    partial: str
    full: str
    empty: str
    arrow: str
    section: str
    dot: str


UNICODE = Glyphs(
    status={
        Status.PASS: "✓",
        Status.FAIL: "✗",
        Status.TIMEOUT: "⧗",
        Status.NOT_ATTEMPTED: "·",
        Status.BLOCKED: "‖",
        Status.SKIPPED: "○",
        Status.ERROR: "!",
    },
    partial="◐",
    full="█",
    empty="░",
    arrow="←",
    section="§",
    dot="·",
)
ASCII = Glyphs(
    status={
        Status.PASS: "+",
        Status.FAIL: "x",
        Status.TIMEOUT: "T",
        Status.NOT_ATTEMPTED: ".",
        Status.BLOCKED: "|",
        Status.SKIPPED: "o",
        Status.ERROR: "!",
    },
    partial="~",
    full="#",
    empty=".",
    arrow="<-",
    section="section ",
    dot="-",
)

CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "magenta": "35"}
STATUS_COLOUR: Mapping[Status, str] = {
    Status.PASS: "green",
    Status.FAIL: "red",
    Status.TIMEOUT: "red",
    Status.ERROR: "magenta",
}


@dataclass(frozen=True)
class Style:
    """How a terminal is written to."""

    glyphs: Glyphs = UNICODE
    colour: bool = False

    def paint(self, text: str, colour: str) -> str:
        """Colour a text, if colours are on. Never changes its width."""
        if not self.colour or colour not in CODES:
            return text
        return f"\x1b[{CODES[colour]}m{text}\x1b[0m"

    def sign(self, status: Status, partial: bool = False) -> str:
        """The status as a coloured sign of width 1; `partial` for a failure with points."""
        if partial and status is Status.FAIL:
            return self.paint(self.glyphs.partial, "yellow")
        return self.paint(self.glyphs.status[status], STATUS_COLOUR.get(status, "dim"))


def style_for(encoding: str | None, is_terminal: bool, no_colour: bool) -> Style:
    """Choose signs by the stream's encoding, and colours for terminals unless NO_COLOR is set."""
    utf8 = (encoding or "").lower().replace("-", "") in ("utf8", "utf8sig")
    return Style(UNICODE if utf8 else ASCII, is_terminal and not no_colour)
