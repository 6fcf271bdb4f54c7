"""The class's page stands alone, says what the grades say, and names nobody unless asked to."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.batch.dashboard.page import page, pseudonyms
from autograder.batch.dashboard.statistics import histogram, items_of, summary_of
from autograder.batch.intake.found import Person
from autograder.batch.scores.difference import Change
from autograder.batch.scores.grade import Grade
from autograder.report.run import Run
from autograder.rubric.load import load_course
from tests.batch.bench import make_root
from tests.batch.exports.bench import grade, make_run

LOST = [{"90.1"}, set(), {"90.1", "90.10"}, {"90.10"}, {"90.D2"}, set()]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    path = tmp_path_factory.mktemp("runs")
    return [make_run(path / str(number), lost) for number, lost in enumerate(LOST * 3)]


@pytest.fixture(scope="module")
def grades(runs: list[Run]) -> list[Grade]:
    people = [Person(f"id{n:03}x", f"<b>Name{n}</b>", f"mail{n}@x.edu") for n in range(len(runs))]
    graded = [grade(person, str(run.score), run) for person, run in zip(people, runs, strict=True)]
    odd = replace(grade(Person("id999x", "Odd", "o@x.edu"), None), attention=("no row of Odd",))
    return [*graded, odd]


def shown(grades: list[Grade], changes: list[Change] | None = None) -> str:
    names = pseudonyms([one.state.row.key for one in grades], 7)
    return page("PagedLab", grades, names, changes)


class Tags(HTMLParser):
    """What could make a page ask for something, or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect tags and attributes."""
        self.found |= {tag, *(name for name, _ in attrs)}


def test_the_page_asks_for_nothing_and_runs_nothing(grades: list[Grade]) -> None:
    text = shown(grades)
    tags = Tags()
    tags.feed(text)
    asking = {"script", "link", "img", "iframe", "object", "embed", "form", "src", "href"}
    assert not asking & tags.found
    assert not [one for one in tags.found if one.startswith("on")]
    assert not re.search(r"url\(|@import|https?:", text)
    assert "default-src 'none'" in text


def test_nobody_is_named(grades: list[Grade]) -> None:
    change = Change("id001x", "graded 10.00", "graded 12.00", None, ())
    text = shown(grades, [change])
    for one in grades:
        person = one.state.row.person
        for told in (person.student_id, person.name, person.email, "Odd", "Name1"):
            assert told not in text
    assert "S001" in text


def test_pseudonyms_are_distinct_lasting_and_say_nothing() -> None:
    keys = [f"k{number}" for number in range(50)]
    names = pseudonyms(keys, 7)
    assert len(set(names.values())) == 50 and names == pseudonyms(keys[::-1], 7)
    assert [names[key] for key in keys] != sorted(names.values())
    assert names != pseudonyms(keys, 8)


def test_names_are_shown_as_text_if_asked_for(grades: list[Grade]) -> None:
    names = {one.state.row.key: one.state.row.person.name for one in grades}
    text = page("PagedLab", grades, names, None)
    assert "&lt;b&gt;Name1&lt;/b&gt;" in text and "<b>Name" not in text


def test_items_say_how_many_get_them_and_whom_they_tell_apart(runs: list[Run]) -> None:
    items = {item.rule.id: item for item in items_of(runs)}
    assert set(items) == {"90.1", "90.10", "90.P1", "90.D1", "90.D2"}
    assert items["90.1"].share == pytest.approx(2 / 3) and items["90.1"].first == 6
    assert items["90.1"].discrimination and items["90.1"].discrimination > 0
    assert items["90.P1"].discrimination is None and "everybody" in items["90.P1"].remark
    assert items["90.1"].tried == 18


def test_few_students_say_nothing_of_a_rule(runs: list[Run]) -> None:
    assert {item.discrimination for item in items_of(runs[:5])} == {None}


def test_scores_are_counted_where_they_are() -> None:
    assert histogram([0, 0.4, 5, 9.99, 10], 10, 10) == [2, 0, 0, 0, 0, 1, 0, 0, 0, 2]
    figures = summary_of([1.0, 2.0, 6.0])
    assert figures and (figures.mean, figures.median) == (3.0, 2.0)
    assert summary_of([]) is None


def test_a_class_without_grades_has_a_page(tmp_path: Path) -> None:
    assert load_course(make_root(tmp_path) / "assignments").title in shown([])
    assert "Nobody has a grade" in shown([])


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


OWN = re.compile(r"file:|chrome|data:|https?://[\w.-]*(google|googleapis|gstatic|gvt1)\.com/")
"""What the browser asks for by itself."""


def asked_for(text: str, folder: Path) -> tuple[str, list[str]]:
    """What a browser makes of a page in a file, and what it asks for because of the page."""
    folder.mkdir()
    (folder / "page.html").write_text(text)
    log = folder / "net.json"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    options += [f"--user-data-dir={folder}/user", f"--log-net-log={log}"]
    ended = subprocess.run(
        [str(CHROMIUM), *options, (folder / "page.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=100,
    )
    asked = set(re.findall(r'"url":"([^"]*)"', log.read_text()))
    return ended.stdout, [one for one in asked if not OWN.match(one)]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
def test_a_browser_shows_it_from_a_file_and_asks_for_nothing(
    grades: list[Grade], tmp_path: Path
) -> None:
    text = shown(grades)
    seen, asked = asked_for(text, tmp_path / "ours")
    assert "PagedLab: the class" in seen and asked == []
    image = text.replace("<h1>", '<img src="http://asked.test/x.png"><h1>')
    assert asked_for(image, tmp_path / "image")[1] == [], "its policy lets nothing through"
    open_page = image.replace("Content-Security-Policy", "X-Nothing")
    assert asked_for(open_page, tmp_path / "open")[1] == ["http://asked.test/x.png"]
