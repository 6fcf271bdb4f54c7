"""The terminal report: where the points are, one failure in full, what to do next."""

from __future__ import annotations

import textwrap
from decimal import Decimal

from autograder.report.failure import WIDTH, failure, grader_faults, one_line, wrapped_note
from autograder.report.glyphs import WORDS, Style
from autograder.report.run import BROKEN, Run, not_here
from autograder.scoring.outcome import Status
from autograder.scoring.result import CellScore, RuleScore, StageScore

BAR = 12
MOST_NEXT = 4


def render(run: Run, style: Style, everything: bool = False) -> list[str]:
    """The whole report, at most 80 columns wide.

    Args:
        run: the graded submission.
        style: how to write.
        everything: explain every failure, not only the first.
    """
    lines = [*_head(run), ""]
    for stage in run.stages:
        lines += [*_stage(stage, style), ""]
    lines += [*_total(run), ""]
    lines += grader_faults(run.rules(Status.ERROR), style)
    lines += _failures(run, style, everything)
    return [*lines, *_foot(run)]


def _head(run: Run) -> list[str]:
    head = run.header
    version = head.environment.get("python", "?")
    lines = [
        f"{run.course.title}   suite {head.suite} ({head.suite_hash[:8]})   Python {version}"
        f"   seed {head.seed}"
    ]
    lines += _labelled("your code", head.submission)
    lines += _labelled("isolation", head.isolation)
    return lines + (_labelled("lanes", run.lanes) if run.lanes else [])


def _stage(stage: StageScore, style: Style) -> list[str]:
    sign = style.sign(_overall(stage), stage.score > 0)
    bar = _bar(stage.score, stage.maximum, style)
    lines = [
        f"{sign} {style.paint(f'{stage.stage.id} {stage.stage.name}', 'bold')}"
        f"   {bar}   {_plain(stage.score)}/{stage.maximum}"
    ]
    for cell in stage.cells:
        rules = [rule for rule in stage.rules if rule.rule.axis is cell.axis and rule.maximum]
        lines += _cell(cell, rules, style)
    for rule in stage.rules:
        for note in rule.notes:
            lines += wrapped_note("note", f"{rule.rule.id}: {note}")
    for told in not_here(stage):
        lines += wrapped_note("not here", told)
    return lines


def _cell(cell: CellScore, rules: list[RuleScore], style: Style) -> list[str]:
    """One axis: points, then its rules as signs, wrapped by hand so that colours cost no width."""
    label = f"   {cell.axis.value:<14}{_plain(cell.score):>5}/{cell.maximum:<2} "
    lines, line, used = [], label, len(label)
    for rule in rules:
        text = f" {rule.rule.id}"
        if used + len(text) + 2 > WIDTH:
            lines.append(line)
            line, used = " " * len(label), len(label)
        line += f" {style.sign(rule.status, rule.points > 0)}{text}"
        used += len(text) + 2
    return [*lines, line]


def _total(run: Run) -> list[str]:
    visible, hidden = run.visible, run.maximum - run.visible
    if hidden:
        text = f"{_plain(run.score)} of {_plain(visible)} points visible here"
        text += f"; {_plain(hidden)} of {run.maximum} are graded later by hidden tests"
    else:
        text = f"{_plain(run.score)} of {run.maximum} points"
    if run.undecided:
        text += f"; {_plain(run.undecided)} undecided by a fault of the grader"
    graded = {stage.stage.id for stage in run.stages}
    waiting = sum(header.id not in graded for header in run.course.headers)
    if waiting:
        text += f" ({waiting} other stage{'s' * (waiting > 1)} not graded in this run)"
    return textwrap.wrap(text, WIDTH, initial_indent=" ", subsequent_indent=" ")


def _failures(run: Run, style: Style, everything: bool) -> list[str]:
    first = run.first
    if first is None:
        return _no_failure(run)
    lines = [*failure(first, style, run.header.seed, "Fix this first"), ""]
    others = [rule for rule in run.rules(*BROKEN) if rule is not first]
    if everything:
        for rule in others:
            lines += [*failure(rule, style, run.header.seed, "Then"), ""]
    elif others:
        shown = "; ".join(map(one_line, others[:MOST_NEXT]))
        more = len(others) - MOST_NEXT
        shown += f"; and {more} more" if more > 0 else ""
        lines += textwrap.wrap(f"then: {shown}", WIDTH, subsequent_indent="      ")
        lines += ["      all of them: make grade ALL=1"]
    return lines + _unwritten(run)


def _no_failure(run: Run) -> list[str]:
    unwritten = run.rules(Status.NOT_ATTEMPTED)
    if unwritten:
        return _unwritten(run)
    if run.undecided:
        return []
    return [" Nothing is broken. Every rule that can be decided here has passed."]


def _unwritten(run: Run) -> list[str]:
    unwritten = run.rules(Status.NOT_ATTEMPTED)
    if not unwritten:
        return []
    first = unwritten[0]
    reason = first.cause.summary if first.cause else ""
    rules = f"{len(unwritten)} rule{'s' * (len(unwritten) > 1)}"
    text = f"not attempted: {rules}; the first is {first.rule.id}: {reason}"
    lines = textwrap.wrap(text, WIDTH, subsequent_indent="      ")
    folders = {stage.stage.id: stage.stage.folder.name for stage in run.stages}
    return [*lines, f"      what to write: assignments/{folders[first.rule.stage]}/README.md"]


def _foot(run: Run) -> list[str]:
    lines = [""]
    if run.before is not None:
        change = run.score - run.before
        told = f"{'+' if change > 0 else ''}{_plain(change)} points" if change else "no change"
        lines.append(f"since last run: {told}")
    lines.append(
        f"{run.seconds:.1f} s   report .pagedlab/report.html   data .pagedlab/results.json"
    )
    return lines


def legend(style: Style) -> str:
    """All signs with their words, in one line."""
    return "  ".join(f"{style.sign(status)} {word}" for status, word in WORDS.items())


def _overall(stage: StageScore) -> Status:
    statuses = {rule.status for rule in stage.rules if rule.maximum}
    for status in (Status.ERROR, Status.FAIL, Status.TIMEOUT, Status.BLOCKED, Status.NOT_ATTEMPTED):
        if status in statuses:
            return status
    return Status.PASS


def _bar(score: Decimal, maximum: int, style: Style) -> str:
    full = int(BAR * score / maximum) if maximum else 0
    return style.glyphs.full * full + style.glyphs.empty * (BAR - full)


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = textwrap.wrap(text, WIDTH - 12) or [""]
    return [f"{label:<10}  {first}", *(f"{'':12}{part}" for part in rest)]


def _plain(points: Decimal) -> str:
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"
