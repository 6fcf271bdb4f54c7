"""report.html: the same facts as one self-contained file. No script, no network, safe text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from autograder.report.glyphs import UNICODE, WORDS
from autograder.report.run import Run, not_here
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
    return PAGE.substitute(
        title=escape(f"{run.course.title} report"),
        score=run.score,
        visible=run.visible,
        maximum=run.maximum,
        undecided=undecided,
        suite=escape(f"{head.suite} ({head.suite_hash[:8]})"),
        seed=head.seed,
        environment=escape(", ".join(f"{k} {v}" for k, v in head.environment.items())),
        isolation=escape(head.isolation),
        lanes=f"<br>lanes: {escape(run.lanes)}" if run.lanes else "",
        submission=escape(head.submission),
        remarks="".join(f"<p>{escape(remark)}</p>" for remark in remarks),
        stages="\n".join(map(_stage, run.stages)),
    )


def _stage(stage: StageScore) -> str:
    cells = "".join(
        f"<tr><td>{cell.axis.value}</td><td class=points>{cell.score} / {cell.maximum}</td></tr>"
        for cell in stage.cells
    )
    rules = "".join(_rule(rule) for rule in stage.rules if rule.maximum)
    absent = "".join(f"<p class=fine>not here: {escape(told)}</p>" for told in not_here(stage))
    return (
        f"<h2>{stage.stage.id} {escape(stage.stage.name)}: {stage.score} / {stage.maximum}</h2>"
        f"<table>{cells}</table><h3>Rules</h3><table>{rules}</table>{absent}"
    )


def _rule(score: RuleScore) -> str:
    word = WORDS[score.status]
    sign = f'<td class="{score.status.value}">{UNICODE.status[score.status]} {word}</td>'
    points = f"{hundredths(score.points)} / {hundredths(score.maximum)}"
    title = f"<b>{escape(score.rule.id)}</b> {escape(score.rule.title)}"
    told = score.cause is not None and score.status is not Status.PASS
    details = _cause(score.cause) if told and score.cause else ""
    details += "".join(f"<div>{escape(note)}</div>" for note in score.notes)
    return f"<tr>{sign}<td>{title}{details}</td><td class=points>{points}</td></tr>"


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
        parts.append("<pre>" + "\n".join(lines) + "</pre>")
    rows = (("expected", cause.expected), ("yours", cause.observed), ("look at", cause.place))
    parts += [f"<div><b>{label}</b> {escape(text)}</div>" for label, text in rows if text]
    if cause.notes:
        parts.append("<pre>" + "\n".join(map(escape, cause.notes)) + "</pre>")
    return f"<details><summary>why</summary>{''.join(parts)}</details>"
