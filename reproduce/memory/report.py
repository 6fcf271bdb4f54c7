"""Results as text: the claims first, then what they come from."""

from __future__ import annotations

from collections.abc import Iterator

from reproduce.claim_text import claim_section, section
from reproduce.memory import details
from reproduce.memory.claims import memory_claims
from reproduce.memory.results import Results

TITLE = "Memory"


def render(results: Results) -> Iterator[str]:
    """Give the lines of the whole report."""
    seeds = ", ".join(map(str, results.seeds))
    yield f"{results.requests} requests, all waiting from the start; means over seeds {seeds}."
    for claim in memory_claims(results.main):
        yield from claim_section(claim)
    first = results.main[0].workload
    paper = details.paper([run for run in results.main if run.workload == first])
    yield from section(f"The paper's Figure 2: memory in use ({first})", paper)
    yield from section("Where the memory goes", details.uses(results.main))
    if results.by_length:
        title = f"The longest sequence of the model ({results.by_length[0].workload})"
        yield from section(title, details.lengths(results.by_length))
    if results.by_block_size:
        title = f"The size of a block ({results.by_block_size[0].workload})"
        yield from section(title, details.blocks(results.by_block_size))
    if results.real:
        yield from section("On the real traces", details.real(results.real, results.main))
