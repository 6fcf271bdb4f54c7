"""dashboard.html: one file, no script, no request, and no name unless it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template

from autograder.batch.dashboard.drawing import bars, heat_map
from autograder.batch.dashboard.statistics import Item, earned, histogram, items_of, summary_of
from autograder.batch.run.state import counts
from autograder.batch.scores.costs import taken
from autograder.batch.scores.difference import Change
from autograder.batch.scores.grade import Grade
from autograder.report.run import Run
from autograder.scoring.kept import digest_of

PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def pseudonyms(keys: Collection[str], seed: int) -> dict[str, str]:
    """A name for each student that says nothing of them, the same in each page of a run."""
    order = sorted(keys, key=lambda key: digest_of(["pseudonym", str(seed), key]))
    return {key: f"S{number:03}" for number, key in enumerate(order, 1)}


def page(
    title: str, grades: Sequence[Grade], names: Mapping[str, str], changes: Sequence[Change] | None
) -> str:
    """The page.

    Args:
        title: of the course.
        grades: of the class.
        names: what each student's key is shown as. Whoever is not in it is not shown.
        changes: against the tables before; None if there are none.
    """
    graded = [grade for grade in grades if grade.state.run and grade.final is not None]
    runs = [grade.state.run for grade in graded if grade.state.run]
    number = counts([grade.state for grade in grades])
    late = sum(grade.late.days > 0 for grade in grades)
    words = " · ".join(f"{escape(status)} {count}" for status, count in number.items())
    return PAGE.substitute(
        title=escape(f"{title}: the class"),
        counts=f"{len(grades)} students: {words} · late {late}",
        provenance=_provenance(runs),
        scores=_scores(graded),
        items="\n".join(map(_row, items_of(runs))),
        heat=_heat(graded, names),
        costs=_costs(grades),
        attention=_attention(grades, names),
        changes=_changes(changes, names),
    )


def _provenance(runs: Sequence[Run]) -> str:
    if not runs:
        return "nobody is graded"
    suites = Counter(f"{run.header.suite} ({run.header.suite_hash[:8]})" for run in runs)
    isolation = Counter(run.header.isolation for run in runs)
    shown = ", ".join(f"suite {escape(suite)}: {count}" for suite, count in suites.items())
    return f"{shown}<br>isolation: {escape('; '.join(isolation))}"


def _scores(graded: Sequence[Grade]) -> str:
    finals = [float(grade.final) for grade in graded if grade.final is not None]
    figures = summary_of(finals)
    if figures is None:
        return "<p>Nobody has a grade.</p>"
    most = float(max(grade.state.run.maximum for grade in graded if grade.state.run))
    return (
        f"<p>median {figures.median:.1f} · mean {figures.mean:.1f} · standard deviation"
        f" {figures.deviation:.1f} · of {most:g} points</p>{bars(histogram(finals, most), most)}"
    )


def _row(item: Item) -> str:
    told = "" if item.discrimination is None else f"{item.discrimination:.2f}"
    hidden = "" if item.rule.visible else " (hidden)"
    return (
        f"<tr><td>{escape(item.rule.id)}<td>{escape(item.rule.title)}{hidden}"
        f"<td class=n>{item.tried}<td><meter value={item.share:.3f}></meter>"
        f"<td class=n>{item.share:.0%}<td class=n>{told}<td class=n>{item.first or ''}"
        f"<td>{escape(item.remark)}</tr>"
    )


def _heat(graded: Sequence[Grade], names: Mapping[str, str]) -> str:
    best = sorted(
        (grade for grade in graded if grade.state.row.key in names),
        key=lambda grade: (-(grade.state.run.score if grade.state.run else 0), _key(grade)),
    )
    if not best:
        return "<p>Nobody has a grade.</p>"
    runs = [grade.state.run for grade in best if grade.state.run]
    worth = [position for position, one in enumerate(runs[0].rules()) if one.maximum]
    rows = [[earned(run.rules()[position]) for position in worth] for run in runs]
    columns = [runs[0].rules()[position].rule.id for position in worth]
    shown = [f"{names[_key(grade)]}: {run.score}" for grade, run in zip(best, runs, strict=True)]
    return heat_map(rows, shown, columns)


def _costs(grades: Sequence[Grade]) -> str:
    rows = "".join(
        f"<tr><td>{f'stage {one.stage}' if one.stage else 'all'}<td class=n>{one.gradings}"
        f"<td class=n>{one.cpu_median:.1f}<td class=n>{one.cpu_most:.1f}"
        f"<td class=n>{one.cpu_all:.0f}<td class=n>{one.wall_median:.1f}"
        f"<td class=n>{one.wall_most:.1f}<td class=n>{one.memory_mb}</tr>"
        for one in taken(grades)
    )
    if not rows:
        return "<p>Nobody is graded.</p>"
    return (
        "<table><tr><th><th class=n>gradings<th class=n>CPU s, median<th class=n>most<th class=n>in"
        " all<th class=n>clock s, median<th class=n>most<th class=n>memory, MB</tr>"
        f"{rows}</table>"
    )


def _attention(grades: Sequence[Grade], names: Mapping[str, str]) -> str:
    odd = [grade for grade in grades if grade.attention]
    if not odd:
        return "<p>Nobody.</p>"
    rows = "".join(
        f"<tr><td>{escape(names.get(_key(grade), '?'))}<td>{escape(grade.state.status)}</tr>"
        for grade in odd
    )
    return (
        f"<p>{len(odd)} students; <code>needs_attention.csv</code> says why.</p><details>"
        f"<summary>who</summary><table>{rows}</table></details>"
    )


def _changes(changes: Sequence[Change] | None, names: Mapping[str, str]) -> str:
    if changes is None:
        return "<p>There are no tables before these.</p>"
    if not changes:
        return "<p>Nothing differs.</p>"
    rows = "".join(
        f"<tr><td>{escape(names.get(one.student, '?'))}<td>{escape(one.before)}"
        f"<td>{escape(one.after)}</tr>"
        for one in changes
    )
    return (
        f"<p>{len(changes)} students differ.</p><details><summary>who</summary><table>"
        f"<tr><th>student<th>before<th>now</tr>{rows}</table></details>"
    )


def _key(grade: Grade) -> str:
    return grade.state.row.key
