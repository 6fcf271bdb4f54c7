"""Results as text: the claims first, then what they come from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from reproduce.claim import Claim, Figure
from reproduce.memory import details
from reproduce.memory.claims import memory_claims
from reproduce.memory.results import Results
from reproduce.tables import table


def render(results: Results) -> Iterator[str]:
    """Give the lines of the whole report."""
    seeds = ", ".join(map(str, results.seeds))
    yield f"{results.requests} requests, all waiting from the start; means over seeds {seeds}."
    yield "↑ and ↓ mark what is above and below the claim."
    for number, claim in enumerate(memory_claims(results.main), start=1):
        yield from _section(f"{number}. “{claim.text}”", claim_lines(claim))
    first = results.main[0].workload
    paper = details.paper([run for run in results.main if run.workload == first])
    yield from _section(f"The paper's Figure 2: memory in use ({first})", paper)
    yield from _section("Where the memory goes", details.uses(results.main))
    if results.by_length:
        title = f"The longest sequence of the model ({results.by_length[0].workload})"
        yield from _section(title, details.lengths(results.by_length))
    if results.by_block_size:
        title = f"The size of a block ({results.by_block_size[0].workload})"
        yield from _section(title, details.blocks(results.by_block_size))
    if results.real:
        yield from _section("On the real traces", details.real(results.real, results.main))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines


def claim_lines(claim: Claim) -> Iterator[str]:
    """Give who says it, what was measured, and in how many cases it is so, with the reason."""
    yield from (f"Source: {claim.source}.", "")
    titles = list(claim.rows[0].figures)
    rows = [
        [row.against, *(_shown(claim, row.figures[title]) for title in titles), claim.verdict(row)]
        for row in claim.rows
    ]
    yield from table([claim.heading, *titles, "verdict"], rows)
    exceptions = [(row.against, claim.exceptions(row)) for row in claim.rows]
    yield ""
    yield from (f"- {against}: {text}" for against, text in exceptions if text)
    held, cases = claim.held()
    figures = [figure for row in claim.rows for figure in row.figures.values()]
    apart = claim.unit.show_difference(max(figure.most - figure.least for figure in figures))
    text = f"As claimed in {held} of {cases} cases; seeds differ by at most {apart}. {claim.why}"
    if any(text for _, text in exceptions):
        yield ""
    yield from textwrap.wrap(text, 100)


def _shown(claim: Claim, figure: Figure) -> str:
    mark = {-1: " ↓", 0: "", 1: " ↑"}[claim.place(figure)]
    return claim.unit.show(figure.mean) + mark
