"""report.html: the same facts as one self-contained file. No script, no network, safe text."""

from __future__ import annotations

from html import escape
from string import Template

from autograder.report.glyphs import UNICODE, WORDS
from autograder.report.run import Run
from autograder.scoring.outcome import Cause, Status
from autograder.scoring.score import RuleScore, StageScore, hundredths

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; --line: #8886; --bad: #c22; --good: #2a7; --ours: #939; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem } h2 { font-size: 1.15rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top }
td.points { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.fail, .timeout { color: var(--bad) } .pass { color: var(--good) } .error { color: var(--ours) }
pre { background: #8881; padding: .6rem; overflow-x: auto; margin: .4rem 0 }
.here { font-weight: bold } .fine { opacity: .75; font-size: .9em }
summary { cursor: pointer }
</style></head><body>
<h1>$title</h1>
<p><strong>$score</strong> of $visible points visible in this suite ($maximum in all)$undecided</p>
<p class="fine">suite $suite · seed $seed · $environment<br>isolation: $isolation<br>submission: $submission</p>
$stages
</body></html>
""")


def page(run: Run) -> str:
    """The whole page. Everything that came from a submission is escaped."""
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
        submission=escape(head.submission),
        stages="\n".join(map(_stage, run.stages)),
    )


def _stage(stage: StageScore) -> str:
    cells = "".join(
        f"<tr><td>{cell.axis.value}</td><td class=points>{cell.score} / {cell.maximum}</td></tr>"
        for cell in stage.cells
    )
    rules = "".join(_rule(rule) for rule in stage.rules if rule.maximum)
    return (
        f"<h2>{stage.stage.id} {escape(stage.stage.name)}: {stage.score} / {stage.maximum}</h2>"
        f"<table>{cells}</table><h3>Rules</h3><table>{rules}</table>"
    )


def _rule(score: RuleScore) -> str:
    word = WORDS[score.status]
    sign = f'<td class="{score.status.value}" title="{word}">{UNICODE.status[score.status]} {word}</td>'
    points = f"{hundredths(score.points)} / {hundredths(score.maximum)}"
    title = f"<b>{escape(score.rule.id)}</b> {escape(score.rule.title)}"
    told = score.cause is not None and score.status is not Status.PASS
    details = _cause(score.cause) if told and score.cause else ""
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
