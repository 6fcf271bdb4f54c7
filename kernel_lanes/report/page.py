"""The report as one self-contained file: no script, no network, safe text."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from kernel_lanes.report.data import Report
from kernel_lanes.report.findings import comparisons, findings
from kernel_lanes.report.tables import Table, tables

PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def page(report: Report) -> str:
    """The whole page. Everything that came from the file is escaped."""
    said = "".join(
        f'<li><b class="{one.weight}">{one.weight}</b> {escape(one.text)}</li>'
        for one in findings(report)
    )
    lanes = "".join(
        f"<tr><td>{escape(lane)}</td><td>{escape(why) or '<span class=good>ran</span>'}</td></tr>"
        for lane, why in report.lanes.items()
    )
    return PAGE.substitute(
        title=escape(f"Kernel report: {report.file}"),
        environment=escape(", ".join(f"{name} {v}" for name, v in report.environment.items())),
        lanes=lanes,
        findings=f"<ul>{said}</ul>" if said else "<p>None: right, and nothing that stands out.</p>",
        bars=_bars(report),
        tables="\n".join(map(_table, tables(report))),
    )


def _bars(report: Report) -> str:
    """For each shape, how much of what was moved had to be."""
    rows = "".join(
        f"<tr><td>{escape(check.what)}</td><td><span class=bar>"
        f'<i style="width:{min(100.0, 100 / max(seen.ratio, 1e-9)):.1f}%"></i></span></td>'
        f"<td>{seen.ratio:.2f} times the least</td></tr>"
        for check, seen in comparisons(report)
    )
    return f"<h2>What of the traffic had to be</h2><table>{rows}</table>" if rows else ""


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    note = f"<p class=fine>{escape(table.note)}</p>" if table.note else ""
    body = f"<div class=table><table><tr>{head}</tr>{rows}</table></div>"
    return f"<h2>{escape(table.title)}</h2>{body}{note}"
