"""The parts of the class's page. Every text is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from autograder.batch.dashboard.drawing import bars, heat_map
from autograder.batch.dashboard.statistics import (
    Item,
    StageMeans,
    earned,
    histogram,
    summary_of,
    worth,
)
from autograder.batch.scores.costs import Taken
from autograder.batch.scores.difference import Change, report
from autograder.batch.scores.grade import Grade
from autograder.rubric.model import Axis

MOST_FIRSTS, MOST_PAIRS = 6, 12


def scores(graded: Sequence[Grade]) -> str:
    """The distribution of final grades."""
    finals = [float(grade.final) for grade in graded if grade.final is not None]
    figures = summary_of(finals)
    if figures is None:
        return "<p>Nobody has a grade.</p>"
    most = float(max(grade.state.run.maximum for grade in graded if grade.state.run))
    return (
        f"<p>median {figures.median:.1f} · mean {figures.mean:.1f} · standard deviation"
        f" {figures.deviation:.1f} · of {most:g} points</p>{bars(histogram(finals, most), most)}"
    )


def firsts(items: Sequence[Item]) -> str:
    """The rules that are the first failure of most students."""
    found = sorted((one for one in items if one.first), key=lambda one: -one.first)
    if not found:
        return "<p>Nobody has failed a rule.</p>"
    rows = "".join(
        f"<tr><td class=n>{one.first}<td>{escape(one.rule.id)} {escape(one.rule.title)}</tr>"
        for one in found[:MOST_FIRSTS]
    )
    more = len(found) - MOST_FIRSTS
    rest = f"<p class=fine>and {more} more rules</p>" if more > 0 else ""
    return (
        "<table><thead><tr><th scope=col class=n>students<th scope=col>rule</tr></thead>"
        f"<tbody>{rows}</tbody></table>{rest}"
    )


def stages(means: Sequence[StageMeans]) -> str:
    """Mean points by stage and axis."""
    if not means:
        return "<p>No stage is graded.</p>"
    heads = "".join(f"<th scope=col class=n>{axis.value}" for axis in Axis)
    rows = ""
    for one in means:
        cells = "".join(
            f"<td class=n>{one.cells[axis][0]:.1f} / {one.cells[axis][1]}" for axis in Axis
        )
        rows += (
            f"<tr><td>{one.stage.id} {escape(one.stage.name)}<td class=n>{one.tried}{cells}"
            f"<td class=n><b>{one.mean:.1f} / {one.maximum}</b></tr>"
        )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Stages"><table><thead><tr>'
        f"<th scope=col>stage<th scope=col class=n>tried{heads}<th scope=col class=n>mean points"
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def options(items: Sequence[Item]) -> str:
    """The stages to choose from."""
    numbers = sorted({one.rule.stage for one in items})
    return "".join(f'<option value="{number}">{number}</option>' for number in numbers)


def item(one: Item) -> str:
    """One rule."""
    told = "" if one.discrimination is None else f"{one.discrimination:.2f}"
    order = -2.0 if one.discrimination is None else one.discrimination
    hidden = "" if one.rule.visible else " (hidden)"
    share = f'<span class=share><span style="width:{one.share:.0%}"></span></span>{one.share:.0%}'
    return (
        f'<tr data-stage="{one.rule.stage}" data-odd="{int(bool(one.remark))}">'
        f"<td>{escape(one.rule.id)}<td>{escape(one.rule.title)}{hidden}"
        f'<td class=n data-v="{one.tried}">{one.tried}'
        f'<td class=n data-v="{one.passed}">{one.passed}'
        f'<td data-v="{one.share:.4f}">{share}<td class=n data-v="{order:.4f}">{told}'
        f'<td class=n data-v="{one.first}">{one.first or ""}'
        f'<td class=n data-v="{one.slow}">{one.slow or ""}<td>{escape(one.remark)}</tr>'
    )


def heat(graded: Sequence[Grade], names: Mapping[str, str]) -> str:
    """Who gets which rule, best first."""
    best = sorted(
        (grade for grade in graded if _key(grade) in names),
        key=lambda grade: (-(grade.state.run.score if grade.state.run else 0), _key(grade)),
    )
    if not best:
        return "<p>Nobody has a grade.</p>"
    runs = [grade.state.run for grade in best if grade.state.run]
    scores = list(zip(*(run.rules() for run in runs), strict=True))
    kept = [column for column in scores if worth(column)]
    rows = [[earned(column[number]) for column in kept] for number in range(len(runs))]
    columns = [column[0].rule.id for column in kept]
    shown = [f"{names[_key(grade)]} {run.score}" for grade, run in zip(best, runs, strict=True)]
    return heat_map(rows, shown, columns)


def attention(grades: Sequence[Grade], names: Mapping[str, str], reasons: bool) -> str:
    """Whom a person has to look at: how many of which status, and who."""
    odd = [grade for grade in grades if grade.attention]
    if not odd:
        return "<p>Nobody.</p>"
    kinds = Counter(str(grade.state.status) for grade in odd)
    shown = " · ".join(f"{escape(kind)} {count}" for kind, count in kinds.items())
    rows = "".join(
        f"<tr><td>{escape(names.get(_key(grade), '?'))}<td>{escape(grade.state.status)}"
        + (f"<td>{escape('; '.join(grade.attention))}" if reasons else "")
        + "</tr>"
        for grade in odd
    )
    why = "<th scope=col>why" if reasons else ""
    return (
        f"<p>{len(odd)} students: {shown}; <code>needs_attention.csv</code> says why.</p><details>"
        f"<summary>who</summary><table><thead><tr><th scope=col>student<th scope=col>status{why}"
        f"</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def changes(found: Sequence[Change] | None, names: Mapping[str, str]) -> str:
    """What differs from the tables before."""
    if found is None:
        return "<p>There are no tables before these.</p>"
    if not found:
        return "<p>Nothing differs.</p>"
    rows = "".join(
        f"<tr><td>{escape(names.get(one.student, '?'))}<td>{escape(one.before)}"
        f"<td>{escape(one.after)}<td class=n>{'' if one.points is None else f'{one.points:+}'}</tr>"
        for one in found
    )
    told = "<br>".join(
        escape(line.strip()) for line in report(list(found), len(names), most=0)[:-1]
    )
    return (
        f"<p>{told}</p><details><summary>who</summary><table><thead><tr><th scope=col>student"
        "<th scope=col>before<th scope=col>now<th scope=col class=n>points</tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )


def alike(pairs: Sequence[Mapping[str, str]] | None) -> str:
    """Pairs of submissions to look at."""
    if pairs is None:
        return "<p>Not looked for yet: <code>make similar</code>.</p>"
    if not pairs:
        return "<p>No pair.</p>"
    rows = "".join(
        f"<tr><td>{escape(one['one'])}<td>{escape(one['other'])}"
        f"<td class=n>{float(one['share']):.0%}</tr>"
        for one in pairs[:MOST_PAIRS]
    )
    return (
        f"<p>{len(pairs)} pairs to look at, no verdicts: <code>similar.csv</code> has all of"
        " them, and where.</p>"
        "<table class=pairs><thead><tr><th scope=col>one<th scope=col>other"
        f"<th scope=col class=n>shared</tr></thead><tbody>{rows}</tbody></table>"
    )


def _key(grade: Grade) -> str:
    return grade.state.row.key


def costs(lines: Sequence[Taken]) -> str:
    """What grading has taken, by stage and in all."""
    if not lines:
        return "<p>Nobody is graded.</p>"
    heads = ("gradings", "CPU s, median", "most", "in all", "clock s, median", "most", "memory, MB")
    head = "".join(f"<th scope=col class=n>{word}" for word in heads)
    rows = "".join(
        f"<tr><td>{f'stage {one.stage}' if one.stage else 'all'}<td class=n>{one.gradings}"
        f"<td class=n>{one.cpu_median:.1f}<td class=n>{one.cpu_most:.1f}"
        f"<td class=n>{one.cpu_all:.0f}<td class=n>{one.wall_median:.1f}"
        f"<td class=n>{one.wall_most:.1f}<td class=n>{one.memory_mb}</tr>"
        for one in lines
    )
    return (
        "<p class=fine>Of one grading; memory is that of the largest worker. By student it is in"
        f" <code>timing.csv</code>.</p><table><thead><tr><th scope=col>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
