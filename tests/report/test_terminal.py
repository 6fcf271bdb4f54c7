"""Reports fit on a terminal, in any style, and say every status in its own word and sign."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report.failure import failure
from autograder.report.glyphs import ASCII, UNICODE, WORDS, Glyphs, Style, style_for
from autograder.report.run import Run
from autograder.report.terminal import legend, render
from autograder.rubric.model import Axis
from autograder.scoring.outcome import Cause, Outcome, Status
from tests.report.bench import RUNS, VIOLATION, half_finished_run, lost, make_run
from tests.scoring.bench import FLAT, HEADER, fault, outcome, rule, stage

COLOUR = re.compile(r"\x1b\[\d+m")
EVERY = [(name, everything) for name, everything in product(RUNS, (False, True))]


def plain(lines: list[str]) -> list[str]:
    return [COLOUR.sub("", line) for line in lines]


@pytest.mark.parametrize(("name", "everything"), EVERY)
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_line_fits_into_80_columns(name: str, everything: bool, glyphs: Glyphs) -> None:
    lines = render(RUNS[name](), Style(glyphs, colour=True), everything)
    assert max(map(len, plain(lines))) <= 80
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize(("name", "everything"), EVERY)
def test_colours_change_no_letter(name: str, everything: bool) -> None:
    coloured = render(RUNS[name](), Style(colour=True), everything)
    assert plain(coloured) == render(RUNS[name](), Style(), everything)
    assert coloured != plain(coloured)


@pytest.mark.parametrize("name", RUNS)
def test_the_ascii_style_is_ascii(name: str) -> None:
    "\n".join(render(RUNS[name](), Style(ASCII), everything=True)).encode("ascii")


def cause_of(text: str, kind: str = "violation", program: bool = True) -> Cause:
    lines = (text, text) if program else ()
    notes = (f"before  {text}", f"after   {text}") if program else (text, text)
    return Cause(text, kind, "I1", lines, 0, text, text, text, notes).printable()


texts = st.text('ab -_().,"\n\t\u2028\x1b\x00é…', max_size=200) | st.integers(1, 900).map(
    "x".__mul__
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(texts, st.sampled_from(["violation", "import", "missing", "cost", "grader"]), st.booleans())
def test_no_cause_breaks_the_width(text: str, kind: str, program: bool) -> None:
    cause = cause_of(text, kind, program)
    changes = [
        lost("1.8", cause),
        lost("1.14", cause, Status.NOT_ATTEMPTED),
        lost("1.P1", cause, Status.BLOCKED),
        fault("1.16", cause=cause),
        lost("1.Q1", cause_of(text, "finding", False)),
    ]
    lines = render(make_run(*changes), Style(), everything=True)
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_long_names_of_stage_and_submission_fit() -> None:
    header = replace(HEADER, submission="/home/" + "a-long-name/" * 20, isolation="limits " * 40)
    lines = render(make_run(header=header), Style())
    assert max(map(len, lines)) <= 80


def test_many_rules_are_wrapped_at_whole_rules() -> None:
    many = stage([rule(f"1.{number}", Axis.CORRECTNESS) for number in range(1, 60)])
    lines = render(make_run(made=many), Style())
    signs = re.findall(r"✓ (1\.\d+)", "\n".join(lines))
    assert signs == [f"1.{number}" for number in range(1, 60)]
    assert sum("✓ 1." in line for line in lines) > 3 and max(map(len, lines)) <= 80


# ---- words and signs -----------------------------------------------------------------------------


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_status_has_a_word_and_a_sign_of_its_own(glyphs: Glyphs) -> None:
    assert set(WORDS) == set(glyphs.status) == set(Status)
    assert len(set(WORDS.values())) == len(Status)
    signs = [*glyphs.status.values(), glyphs.partial]
    assert len(set(signs)) == len(Status) + 1
    assert all(len(sign) == 1 and sign.isprintable() for sign in signs)


def test_the_legend_names_them_all() -> None:
    for status in Status:
        assert f"{UNICODE.status[status]} {WORDS[status]}" in legend(Style())
    legend(Style(ASCII)).encode("ascii")


@pytest.mark.parametrize("status", Status)
def test_a_sign_is_one_column_wide_in_any_colour(status: Status) -> None:
    for partial in (False, True):
        assert len(COLOUR.sub("", Style(colour=True).sign(status, partial))) == 1


def test_a_part_of_the_points_has_a_sign_of_its_own() -> None:
    assert Style().sign(Status.FAIL, partial=True) == UNICODE.partial
    assert Style().sign(Status.PASS, partial=True) == UNICODE.status[Status.PASS]


def test_an_unknown_colour_paints_nothing() -> None:
    assert Style(colour=True).paint("text", "") == "text"


@pytest.mark.parametrize(
    ("encoding", "terminal", "no_colour", "glyphs", "colour"),
    [
        ("utf-8", True, False, UNICODE, True),
        ("UTF8", True, True, UNICODE, False),
        ("utf-8", False, False, UNICODE, False),
        ("ascii", True, False, ASCII, True),
        ("latin-1", False, False, ASCII, False),
        ("cp1252", True, True, ASCII, False),
        (None, False, False, ASCII, False),
        ("", False, False, ASCII, False),
    ],
)
def test_the_style_follows_from_the_stream(
    encoding: str | None, terminal: bool, no_colour: bool, glyphs: Glyphs, colour: bool
) -> None:
    assert style_for(encoding, terminal, no_colour) == Style(glyphs, colour)


# ---- what a report says --------------------------------------------------------------------------


def text_of(run: Run, everything: bool = False) -> str:
    return " ".join(" ".join(render(run, Style(), everything)).split())


def test_one_failure_is_explained_and_the_others_are_named() -> None:
    text = text_of(half_finished_run())
    assert text.count("shortest failing program") == 1
    assert "then: 1.10" in text and "1.16" in text and "(too slow)" in text


def test_all_failures_are_explained_if_asked_for() -> None:
    text = text_of(half_finished_run(), everything=True)
    assert "then: 1.10" not in text
    assert text.count("make hint R=") == len(half_finished_run().rules(Status.FAIL, Status.TIMEOUT))


def test_an_import_failure_is_explained_before_any_other() -> None:
    run = make_run(
        lost("1.8", VIOLATION),
        lost("1.P1", Cause("SyntaxError: odd", "import"), Status.BLOCKED),
    )
    assert "Fix this first Your code cannot be imported" in text_of(run)


def test_a_fault_of_the_grader_is_never_called_the_students() -> None:
    run = make_run(fault("1.16"))
    text = text_of(run)
    assert "our fault, not yours" in text and "undecided" in text
    assert "Fix this first" not in text
    assert "Nothing is broken" not in text


def test_the_line_that_goes_wrong_is_marked_however_long_it_is() -> None:
    for width in (5, 60, 66, 90, 200):
        cause = replace(VIOLATION, program=("new()", "x" * width, "y()"), failing_line=1)
        (score,) = make_run(lost("1.8", cause)).rules(Status.FAIL)
        lines = failure(score, Style(), 7, "Then")
        marked = [line for line in lines if line.endswith("← here")]
        assert len(marked) == 1 and "x" in marked[0]
        assert max(map(len, lines)) <= 80


def test_a_very_long_program_is_cut() -> None:
    cause = replace(VIOLATION, program=tuple(f"line{number}()" for number in range(100)))
    (score,) = make_run(lost("1.8", cause)).rules(Status.FAIL)
    lines = failure(score, Style(), 7, "Then")
    assert len(lines) < 50 and any("... and 76 more" in line for line in lines)


def test_many_findings_are_cut() -> None:
    cause = Cause("many findings", "finding", notes=tuple(f"note {n}" for n in range(40)))
    (score,) = make_run(lost("1.Q1", cause)).rules(Status.FAIL)
    lines = failure(score, Style(), 7, "Then")
    assert sum("note" in line for line in lines) == 10
    assert any("... and 30 more" in line for line in lines)


def test_the_change_since_the_last_run_is_told() -> None:
    assert "since last run" not in text_of(make_run())
    assert "since last run: no change" in text_of(make_run(before="15"))
    assert "since last run: +1.5 points" in text_of(make_run(before="13.5"))
    assert "since last run: -0.3 points" in text_of(make_run(before="15.3"))


def test_a_note_is_shown_with_its_rule_though_nothing_is_lost() -> None:
    note = "translated in 38 ms here; " * 6
    run = make_run(replace(outcome("1.P1", measured=FLAT), notes=(note,)))
    text = " ".join(" ".join(plain(render(run, Style()))).split())
    assert f"note 1.P1: {note}".strip() in text
    assert max(map(len, render(run, Style()))) <= 80


def test_hidden_points_are_told() -> None:
    assert "graded later by hidden tests" in text_of(RUNS["at_home"]())
    assert "hidden" not in text_of(make_run(), everything=True).replace("hidden files", "")


def test_a_rule_that_waits_for_a_person_is_not_shown_as_lost() -> None:
    assert "1.Q5" not in text_of(make_run(), everything=True)
    person = stage([rule("1.Q5", Axis.QUALITY, 1, "human")])
    marked = make_run(Outcome("1.Q5", Status.PASS), made=person)
    assert "1.Q5" in text_of(marked)


def test_lanes_stand_in_the_head_and_rules_without_one_under_the_stage() -> None:
    header = replace(HEADER, lanes={"fast": "no compiler", "traffic": "", "gpu": "no driver"})
    absent = Cause("the lane fast is not here: no compiler", "lane")
    changes = [lost(one, absent, Status.SKIPPED) for one in ("1.8", "1.P1")]
    text = "\n".join(render(make_run(*changes, header=header), Style()))
    assert "lanes       traffic (not here: fast: no compiler; gpu: no driver)" in text
    assert "not here      1.8 1.P1: the lane fast is not here: no compiler" in text
    assert "Nothing is broken." in text and "undecided" not in text
    assert "lanes" not in "\n".join(render(make_run(), Style()))
