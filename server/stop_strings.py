"""Finds stop strings in a text that comes in pieces, and lets nothing of one slip out.

vLLM holds back a fixed number of characters, the longest stop string's length less one
(`vllm/v1/engine/detokenizer.py`, `BaseIncrementalDetokenizer`); here only what may yet become a
stop string is held back.
"""

from __future__ import annotations


class StopStrings:
    """Owns the end of a text that may be the beginning of a stop string.

    The result does not hang on how the text is cut into pieces: of several stop strings, the one
    that is complete first ends the text, and of two that are complete at once, the longer.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = sorted(stops, key=len, reverse=True)
        self._held = ""
        self.found: str | None = None
        """The stop string that ended the text."""

    def add(self, piece: str) -> str:
        """Take the next piece; give the text that is certain to lie before any stop string."""
        text = self._held + piece
        self._held = ""
        if self.found is not None:
            return ""
        ends = [
            (text.index(stop) + len(stop), order, stop)
            for order, stop in enumerate(self._stops)
            if stop in text
        ]
        if ends:
            end, _, self.found = min(ends)
            return text[: end - len(self.found)]
        keep = self._undecided(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        """Give what was held back, when no more text comes."""
        rest, self._held = self._held, ""
        return rest

    def _undecided(self, text: str) -> int:
        """Length of the longest end of `text` with which a stop string begins."""
        longest = min(len(text), max(map(len, self._stops), default=0))
        for length in range(longest, 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                return length
        return 0
