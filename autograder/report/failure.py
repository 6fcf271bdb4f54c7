"""One failure in full: what was run, what was expected, what happened, what to do next."""

from __future__ import annotations

import textwrap

from autograder.report.glyphs import WORDS, Style
from autograder.report.run import IMPORT_KINDS
from autograder.scoring.outcome import Cause, Status
from autograder.scoring.result import RuleScore, hundredths

WIDTH = 80
LONGEST_PROGRAM = 24
MOST_NOTES = 10


def failure(score: RuleScore, style: Style, seed: int, heading: str) -> list[str]:
    """Explain a rule that did not pass, in at most 80 columns.

    Args:
        score: the rule, with its cause.
        style: how to write.
        seed: of the run; repeats it.
        heading: what to call this failure, such as "Fix this first".
    """
    cause = score.cause or Cause("no reason was recorded", "grader")
    if cause.kind in IMPORT_KINDS:
        return _import_failure(cause, style, heading)
    if score.status is Status.ERROR:
        return _grader_fault(score, cause, style)
    head = f"{style.sign(score.status)} {style.paint(heading, 'bold')}   {score.rule.id}  "
    lines = [
        *_wrapped(f"{score.rule.title} ({lost(score)})", len(heading) + 8 + len(score.rule.id))
    ]
    lines[0] = head + lines[0].strip()
    lines += ["", *_program(cause, style, seed), *_expectation(cause)]
    lines += ["", *_pointers(score, cause, style, seed)]
    return lines


def lost(score: RuleScore) -> str:
    """What a rule costs, of what it can give."""
    return f"{hundredths(score.maximum - score.points)} of {hundredths(score.maximum)} points lost"


def grader_faults(scores: list[RuleScore], style: Style) -> list[str]:
    """Faults of the grader, told apart from everything a student did."""
    lines: list[str] = []
    for score in scores:
        lines += _grader_fault(score, score.cause or Cause("unknown", "grader"), style)
    return lines


def _grader_fault(score: RuleScore, cause: Cause, style: Style) -> list[str]:
    points = hundredths(score.maximum)
    head = f"{style.sign(Status.ERROR)} {style.paint('Grader fault', 'magenta')}   {score.rule.id}"
    text = f"our fault, not yours: {points} pt are undecided, none are lost. {cause.summary}"
    return [head, *_wrapped(text, 2), "  next   make doctor; then send .pagedlab/events.jsonl", ""]


def _import_failure(cause: Cause, style: Style, heading: str) -> list[str]:
    missing = cause.kind == "missing"
    what = "A file is missing" if missing else "Your code cannot be imported"
    lines = [f"{style.sign(Status.FAIL)} {style.paint(heading, 'bold')}   {what}", ""]
    lines += _wrapped(cause.summary, 3)
    if cause.place:
        lines += ["", *_labelled("look at", cause.place)]
    lines += ["", *_wrapped("Rules that need it are blocked, not failed.", 3)]
    return lines


def _program(cause: Cause, style: Style, seed: int) -> list[str]:
    if not cause.program:
        notes = cause.notes[:MOST_NOTES]
        lines = _wrapped(cause.summary, 3) + [part for note in notes for part in _note(note)]
        more = len(cause.notes) - len(notes)
        return lines + [f"     ... and {more} more"] * (more > 0)
    calls = f"{len(cause.program)} call" + "s" * (len(cause.program) > 1)
    lines = [f"   shortest failing program ({calls}; seed {seed})"]
    for one in cause.imports:
        lines += [style.paint(f"     {part}", "dim") for part in textwrap.wrap(one, WIDTH - 5)]
    for index, statement in enumerate(cause.program[:LONGEST_PROGRAM]):
        here = index == cause.failing_line
        mark = f"   {style.glyphs.arrow} here" if here else ""
        parts = textwrap.wrap(statement, WIDTH - 15, subsequent_indent="    ") or [""]
        parts[-1] += mark
        lines += [style.paint(f"     {part}", "bold" if here else "") for part in parts]
    if len(cause.program) > LONGEST_PROGRAM:
        lines.append(f"     ... and {len(cause.program) - LONGEST_PROGRAM} more")
    return lines


def _expectation(cause: Cause) -> list[str]:
    if not cause.expected and not cause.observed:
        return []
    lines = [""]
    for label, text in (("expected", cause.expected), ("yours", cause.observed)):
        lines += _labelled(label, text)
    if cause.program:
        for note in cause.notes:
            label, _, text = note.partition(" ")
            lines += _labelled(label, text.strip())
    return lines


def _pointers(score: RuleScore, cause: Cause, style: Style, seed: int) -> list[str]:
    rule = score.rule
    lines: list[str] = []
    if cause.invariant:
        where = f"(handout {style.glyphs.section}{rule.stage}.3)"
        lines += _labelled("broken rule", f"{cause.invariant}: {cause.summary} {where}")
    if cause.place:
        lines += _labelled("look at", cause.place)
    lines += _labelled("again", f"make check R={rule.id}" + f" SEED={seed}" * bool(cause.program))
    lines += _labelled("hint", f"make hint R={rule.id}")
    return lines


def wrapped_note(label: str, text: str) -> list[str]:
    """A line of a rule that decides nothing, under what is said of it."""
    return textwrap.wrap(
        f"{label:<14}{text}", WIDTH, initial_indent="   ", subsequent_indent=" " * 17
    )


def _note(note: str) -> list[str]:
    return textwrap.wrap(note, WIDTH, initial_indent="     - ", subsequent_indent="       ")


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = textwrap.wrap(text, WIDTH - 16) or [""]
    return [f"   {label:<12} {first}", *(f"{'':16}{part}" for part in rest)]


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)


def one_line(score: RuleScore) -> str:
    """A failure in a few words, for the list of what comes next."""
    return f"{score.rule.id} {score.rule.title} ({WORDS[score.status]})"
