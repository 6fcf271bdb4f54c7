"""The report of a finished run: every rule with points, and what students may read of it."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.publish.report import Item, Report
from autograder.report.failure import failure
from autograder.report.glyphs import WORDS, style_for
from autograder.report.run import Run
from autograder.report.shown import shown
from autograder.scoring.outcome import Status
from autograder.scoring.result import RuleScore, hundredths

PLAIN = style_for("utf-8", False, True)


def report_of(run: Run, notes: Sequence[str] = ()) -> Report:
    """Everything that a gradebook or otter is told of a run."""
    head = run.header
    return Report(
        score=float(run.score),
        maximum=float(run.maximum),
        undecided=float(run.undecided),
        seconds=round(run.seconds, 2),
        facts={
            "suite": head.suite,
            "suite_hash": head.suite_hash,
            "submission_hash": head.submission_hash,
            "seed": str(head.seed),
            "isolation": head.isolation,
        },
        items=tuple(
            _item(run, one, number) for number, one in enumerate(run.rules(), 1) if one.maximum
        ),
        notes=tuple(notes),
    )


def _item(run: Run, one: RuleScore, number: int) -> Item:
    rule = one.rule
    return Item(
        id=rule.id,
        stage=rule.stage,
        axis=rule.axis.value,
        group=rule.group,
        title=rule.title,
        shown=shown(one, number),
        visible=rule.visible,
        status=one.status.value,
        points=float(hundredths(one.points)),
        maximum=float(hundredths(one.maximum)),
        text="\n".join(_text(run, one)) if rule.visible else "",
        flag=one.flag,
    )


def _text(run: Run, one: RuleScore) -> list[str]:
    if one.status is Status.PASS:
        return list(one.notes)
    if one.status is Status.NOT_ATTEMPTED and one.cause:
        return [f"{WORDS[one.status]}: {one.cause.summary}", *one.notes]
    lines = failure(one, PLAIN, run.header.seed, WORDS[one.status])
    return ["\n".join(lines).strip("\n"), *one.notes]
