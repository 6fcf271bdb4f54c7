"""All reports as one text: an overview of the claims, then each experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from reproduce.options import Report
from reproduce.tables import table

HEAD = """# The course's claims, measured

Written by `make reproduce ARGS=--record`; not by hand. [README.md](README.md) says how it is
measured, and what of it is a model. The figures of every run are in the JSON files beside this
one."""
CLAIM = "### “"


def results_text(reports: Mapping[str, Report]) -> str:
    """Give the text of RESULTS.md."""
    return "\n".join([HEAD, *body(reports, pictures=True)]) + "\n"


def body(reports: Mapping[str, Report], pictures: bool) -> Iterator[str]:
    """Give the overview and all reports, with the claims numbered, in lines.

    Args:
        reports: by the name of their files.
        pictures: whether to show the plots.
    """
    if any(report.claims for report in reports.values()):
        yield from ("", "## Overview", "", *_overview(reports), "")
        yield "↑ and ↓ mark what is above and below a claim."
    numbers = count(1)
    for name, report in reports.items():
        yield from ("", f"## {report.title}", "")
        if pictures:
            yield from (f"![The plots of {name}]({name}.svg)", "")
        for line in report.lines:
            is_claim = line.startswith(CLAIM)
            yield line.replace("“", f"{next(numbers)}. “", 1) if is_claim else line


def _overview(reports: Mapping[str, Report]) -> Iterator[str]:
    numbers, rows = count(1), []
    for report in reports.values():
        for claim in report.claims:
            held, cases = claim.held()
            rows.append([f"{next(numbers)}", f"“{claim.text}”", f"{held} of {cases} cases"])
    yield from table(["", "claim", "as claimed in"], rows)
