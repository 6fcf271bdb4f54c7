"""The report on a terminal."""

from __future__ import annotations

import textwrap

from kernel_lanes.report.data import Report
from kernel_lanes.report.findings import findings
from kernel_lanes.report.tables import Table, tables

WIDTH = 100


def render(report: Report) -> list[str]:
    """The whole report, in lines. Nothing of the file's can move the cursor."""
    versions = ", ".join(f"{name} {number}" for name, number in report.environment.items())
    lines = [f"{report.file}", versions, ""]
    for lane, why in report.lanes.items():
        lines.append(f"  {lane:<20} {why or 'ran'}")
    lines += ["", "Findings"]
    said = findings(report)
    for one in said:
        lines += textwrap.wrap(
            one.text, WIDTH, initial_indent=f"  {one.weight:<6} ", subsequent_indent=" " * 9
        )
    if not said:
        lines.append("  none: right, and nothing that stands out")
    for table in tables(report):
        lines += ["", *_table(table)]
    return ["".join(sign if sign.isprintable() else "?" for sign in line) for line in lines]


def _table(table: Table) -> list[str]:
    rows = [table.head, *table.rows]
    full = max(map(len, rows))
    widths = [max((len(r[i]) for r in rows if i < len(r)), default=0) for i in range(full)]
    lines = [table.title]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("  " + "  ".join(cells).rstrip())
    lines += textwrap.wrap(table.note, WIDTH, initial_indent="  ", subsequent_indent="  ")
    return lines
