"""A claim as Markdown: who says it, the figures with marks, the verdicts, the reason."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from reproduce.claim import Claim, Figure
from reproduce.tables import table


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Give a section of an experiment's report."""
    yield from ("", f"### {title}", "")
    yield from lines


def claim_section(claim: Claim) -> Iterator[str]:
    """Give a claim under its heading, which gets its number when all claims are together."""
    yield from section(f"“{claim.text}”", claim_lines(claim))


def paragraph(text: str) -> list[str]:
    """Give a text in lines."""
    return textwrap.wrap(text, 100)


def claim_lines(claim: Claim) -> Iterator[str]:
    """Give who says it, what was measured, and in how many cases it is so, with the reason."""
    yield from (*paragraph(f"Source: {claim.source}."), "")
    titles = list(claim.rows[0].figures)
    rows = [
        [row.against, *(_shown(claim, row.figures[title]) for title in titles), claim.verdict(row)]
        for row in claim.rows
    ]
    yield from table([claim.heading, *titles, "verdict"], rows)
    exceptions = [(row.against, claim.exceptions(row)) for row in claim.rows]
    yield ""
    yield from (f"- {against}: {text}" for against, text in exceptions if text)
    if any(text for _, text in exceptions):
        yield ""
    yield from paragraph(f"{_held(claim)} {claim.why}")


def _held(claim: Claim) -> str:
    held, cases = claim.held()
    figures = [figure for row in claim.rows for figure in row.figures.values()]
    spread = max(figure.most - figure.least for figure in figures)
    text = f"As claimed in {held} of {cases} cases"
    seeds = f"; seeds differ by at most {claim.unit.show_difference(spread)}" if spread else ""
    return f"{text}{seeds}."


def _shown(claim: Claim, figure: Figure) -> str:
    mark = {-1: " ↓", 0: "", 1: " ↑"}[claim.place(figure)]
    return claim.unit.show(figure.mean) + mark
