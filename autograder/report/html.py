"""report.html: the same facts as one self-contained file. No script, no network, safe text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from autograder.report.failure import lost
from autograder.report.glyphs import UNICODE, WORDS
from autograder.report.run import BROKEN, Run, not_here
from autograder.report.style import STYLE
from autograder.rubric.model import Axis
from autograder.scoring.outcome import Cause, Status
from autograder.scoring.result import RuleScore, StageScore, hundredths

PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def page(run: Run, remarks: Sequence[str] = ()) -> str:
    """The whole page. Everything that came from a submission is escaped.

    Args:
        run: the graded submission.
        remarks: how a grade comes about, where it is more than these points.
    """
    head = run.header
    undecided = f"; {run.undecided} undecided by a fault of the grader" if run.undecided else ""
    first = _first(run)
    return PAGE.substitute(
        title=escape(f"{run.course.title} report"),
        style=STYLE,
        score=run.score,
        visible=run.visible,
        maximum=run.maximum,
        percent=f"{100 * run.score / run.visible if run.visible else 0:.1f}",
        undecided=undecided,
        suite=escape(f"{head.suite} ({head.suite_hash[:8]})"),
        seed=head.seed,
        environment=escape(", ".join(f"{k} {v}" for k, v in head.environment.items())),
        isolation=escape(head.isolation),
        lanes=f"<br>lanes: {escape(run.lanes)}" if run.lanes else "",
        submission=escape(head.submission),
        remarks="".join(f"<p>{escape(remark)}</p>" for remark in remarks),
        first=_shown_first(first, head.seed) if first else "",
        axes="".join(f'<th scope="col" class="n">{axis.value}</th>' for axis in Axis),
        matrix="".join(map(_line, run.stages)),
        stages="\n".join(map(_stage, run.stages)),
    )


def _first(run: Run) -> RuleScore | None:
    """The failure to explain at the top: the earliest that may be explained to its reader."""
    broken = [run.import_failure, *run.rules(*BROKEN)]
    return next((one for one in broken if one and one.rule.visible and one.cause), None)


def _shown_first(score: RuleScore, seed: int) -> str:
    rule = score.rule
    again = f"make check R={rule.id} SEED={seed}"
    assert score.cause is not None
    return (
        f'<section class="first"><h2>Fix this first: {escape(rule.id)} {escape(rule.title)}'
        f' <span class="fine">{lost(score)}</span></h2>{_cause(score.cause)}'
        f"<dl><dt>again</dt><dd><code>{escape(again)}</code></dd><dt>hint</dt>"
        f"<dd><code>{escape(f'make hint R={rule.id}')}</code></dd></dl></section>"
    )


def _line(stage: StageScore) -> str:
    cells = {cell.axis: f"{cell.score} / {cell.maximum}" for cell in stage.cells}
    shown = "".join(f'<td class="n">{cells.get(axis, "")}</td>' for axis in Axis)
    number = stage.stage.id
    return (
        f'<tr><td><a href="#stage-{number}">{number} {escape(stage.stage.name)}</a></td>{shown}'
        f'<td class="n"><b>{stage.score} / {stage.maximum}</b></td></tr>'
    )


def _stage(stage: StageScore) -> str:
    rules = "".join(_rule(rule) for rule in stage.rules if rule.maximum)
    absent = "".join(f'<p class="fine">not here: {escape(told)}</p>' for told in not_here(stage))
    number = stage.stage.id
    return (
        f'<section id="stage-{number}"><h2>{number} {escape(stage.stage.name)}: {stage.score} /'
        f' {stage.maximum}</h2><table class="rules"><colgroup><col class="c1"><col class="c2">'
        '<col class="c3"></colgroup><thead><tr><th scope="col">status</th>'
        f'<th scope="col">rule</th><th scope="col">points</th></tr></thead><tbody>{rules}</tbody>'
        f"</table>{absent}</section>"
    )


def _rule(score: RuleScore) -> str:
    word, status = WORDS[score.status], score.status.value
    sign = f'<td class="sign {status}">{UNICODE.status[score.status]} {word}</td>'
    points = f"{hundredths(score.points)} / {hundredths(score.maximum)}"
    title = f"<b>{escape(score.rule.id)}</b> {escape(score.rule.title)}"
    told = score.cause is not None and score.status is not Status.PASS
    details = ""
    if told and score.cause:
        details = f"<details><summary>why</summary>{_cause(score.cause)}</details>"
    details += "".join(f"<div>{escape(note)}</div>" for note in score.notes)
    row = ' class="done"' if score.status is Status.PASS else ""
    return f'<tr{row}>{sign}<td>{title}{details}</td><td class="n">{points}</td></tr>'


def _cause(cause: Cause) -> str:
    parts = [f"<p>{escape(cause.summary)}</p>"]
    if cause.program:
        lines = (
            (
                f'<span class="here">{escape(line)}   ← here</span>'
                if i == cause.failing_line
                else escape(line)
            )
            for i, line in enumerate(cause.program)
        )
        parts.append("<pre>" + "\n".join([*map(escape, cause.imports), *lines]) + "</pre>")
    rows = (("expected", cause.expected), ("yours", cause.observed), ("look at", cause.place))
    said = "".join(f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in rows if text)
    parts += [f"<dl>{said}</dl>"] if said else []
    if cause.notes:
        parts.append("<pre>" + "\n".join(map(escape, cause.notes)) + "</pre>")
    return "".join(parts)
