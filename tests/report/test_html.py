"""report.html is safe to open: every text is escaped, nothing is loaded, nothing runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from autograder.report.glyphs import WORDS
from autograder.report.html import page
from autograder.report.run import Run
from autograder.scoring.outcome import Cause, Outcome, Status
from tests.report.bench import RUNS, STAGE, VIOLATION, lost, make_run
from tests.scoring.bench import HEADER, fault

EVIL = [
    "<script>alert(1)</script>",
    "</pre></details><img src=x onerror=alert(1)>",
    '"><iframe src="https://example.org">',
    "' onmouseover='alert(1)",
    "&lt;b&gt; & <b>",
    "$title ${stages} $$",
    "<!--",
    "]]>",
    "<style>@import url(https://example.org/x.css)</style>",
    "\u202e<b>\u2028",
]
VOID = ("meta", "br", "input", "col")
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "strong", "br"),
    *("table", "thead", "tbody", "tr", "th", "td", "b", "details", "summary", "pre", "span", "div"),
    *(
        "section",
        "dl",
        "dt",
        "dd",
        "code",
        "a",
        "fieldset",
        "legend",
        "label",
        "input",
        "colgroup",
        "col",
    ),
}


class Reader(HTMLParser):
    """Collects tags, attributes and texts; checks that tags are closed as they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def close(self) -> None:
        super().close()
        assert self._open == []


def read(run: Run) -> Reader:
    reader = Reader()
    reader.feed(page(run))
    reader.close()
    return reader


def evil_run(text: str) -> Run:
    """The text wherever a submission or a machine can put one."""
    cause = Cause(text, "violation", "I1", (text, text), 1, text, text, text, (text,))
    header = replace(HEADER, submission=text, isolation=text, environment={text: text}, suite=text)
    made = replace(STAGE, name=text, rules=tuple(replace(one, title=text) for one in STAGE.rules))
    broken = [lost("1.8", cause), lost("1.14", cause, Status.NOT_ATTEMPTED)]
    return make_run(*broken, fault("1.16", cause=cause), made=made, header=header)


@pytest.mark.parametrize("name", RUNS)
def test_a_page_is_well_formed_and_has_the_tags_it_needs_alone(name: str) -> None:
    reader = read(RUNS[name]())
    assert reader.tags <= TAGS
    assert {key for key, _ in reader.attributes} <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "title", "scope"),
        *("id", "href", "type", "checked", "style"),
    }
    links = [text for key, text in reader.attributes if key == "href"]
    places = [text for key, text in reader.attributes if key == "id"]
    assert set(links) <= {f"#{place}" for place in places}, "every link leads into the page"


@pytest.mark.parametrize("text", EVIL)
def test_texts_of_a_submission_stay_texts(text: str) -> None:
    honest, reader = read(evil_run("text")), read(evil_run(text))
    assert reader.tags == honest.tags
    assert sorted(key for key, _ in reader.attributes) == sorted(
        key for key, _ in honest.attributes
    )
    assert reader.text.count(text) == honest.text.count("text") > 8


@pytest.mark.parametrize("text", EVIL)
def test_a_page_loads_nothing(text: str) -> None:
    html = page(evil_run(text))
    outside = re.sub(r">[^<]*<", "><", html)
    outside = re.sub(r'<a href="#stage-\d+">', "<a>", outside)
    assert not re.search(r"(?i)https?:|//|url\(|@import|javascript:|\b(src|href)\s*=", outside)


def test_the_browser_is_told_to_load_and_run_nothing() -> None:
    html = page(RUNS["all_pass"]())
    policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    assert policy + "style-src 'unsafe-inline'\">" in html
    assert html.index("Content-Security-Policy") < html.index("<style>")
    assert "<script" not in html.lower()


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.SKIPPED])
def test_every_status_is_said_in_its_word(status: Status) -> None:
    text = read(make_run(Outcome("1.8", status, cause=VIOLATION))).text
    assert WORDS[status] in text


def test_a_page_has_the_points_and_the_reasons() -> None:
    run = RUNS["half_finished"]()
    text = read(run).text
    assert f"{run.score} of {run.visible} points visible" in text
    assert "raises DoubleFree" in text and "← here" in text
    assert "seed 7" in text


def test_a_note_is_shown_with_its_rule_though_nothing_is_lost() -> None:
    run = make_run(Outcome("1.1", Status.PASS, Fraction(1), notes=("under <50 us",)))
    assert "under <50 us" in read(run).text


def test_undecided_points_are_told() -> None:
    run = RUNS["grader_fault"]()
    assert f"{run.undecided} undecided by a fault of the grader" in read(run).text
    assert "undecided" not in read(RUNS["all_pass"]()).text


def test_a_page_can_be_written_as_utf8_whatever_a_submission_said() -> None:
    cause = Cause("\ud800\x00\x1b[2J", "violation", observed="\udfff").printable()
    page(make_run(lost("1.8", cause))).encode("utf-8")


def test_lanes_and_rules_without_one_are_told() -> None:
    header = replace(HEADER, lanes={"fast": "no <compiler>"})
    absent = Cause("the lane fast is not here: no <compiler>", "lane")
    shown = page(make_run(lost("1.P1", absent, Status.SKIPPED), header=header))
    assert "lanes: none (not here: fast: no &lt;compiler&gt;)" in shown
    assert "not here: 1.P1: the lane fast is not here: no &lt;compiler&gt;" in shown
