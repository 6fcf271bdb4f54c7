"""The class's page stands alone, says what the grades say, and names nobody unless asked to."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.batch.dashboard.page import SCRIPT, page, pseudonyms
from autograder.batch.dashboard.statistics import histogram, items_of, stages_of, summary_of
from autograder.batch.intake.found import Person
from autograder.batch.scores.difference import Change
from autograder.batch.scores.grade import Grade
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.scoring.outcome import Status
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


def test_the_page_asks_for_nothing_and_runs_its_own_script_alone(grades: list[Grade]) -> None:
    text = shown(grades)
    tags = Tags()
    tags.feed(text)
    asking = {"link", "img", "iframe", "object", "embed", "action", "src", "href"}
    assert not asking & tags.found
    assert not [one for one in tags.found if one.startswith("on")]
    assert not re.search(r"url\(|@import|https?:", text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
    assert f"{policy}{digest}'" in text
    assert script == SCRIPT, "no data is in it"


def test_stages_and_first_failures_are_told(runs: list[Run], grades: list[Grade]) -> None:
    (means,) = stages_of(runs)
    assert means.tried == len(runs) and means.maximum == 14
    assert means.mean == pytest.approx(sum(float(run.score) for run in runs) / len(runs))
    text = shown(grades)
    first = text[text.index("What stops students first") :]
    assert re.search(r"<td class=n>6<td>90\.1 The total", first)


def test_reasons_are_shown_with_names_alone(grades: list[Grade]) -> None:
    names = {one.state.row.key: one.state.row.person.name for one in grades}
    assert "no row of Odd" in page("PagedLab", grades, names, None, None, reasons=True)
    assert "no row of" not in shown(grades)


def test_pairs_that_are_alike_are_shown_if_they_were_looked_for(grades: list[Grade]) -> None:
    names = pseudonyms([one.state.row.key for one in grades], 7)
    pairs = [{"one": "S001", "other": "S002", "share": "0.913", "places": "a.py:1 = a.py:2"}]
    text = page("PagedLab", grades, names, None, pairs)
    assert "<td>S001<td>S002<td class=n>91%" in text
    assert "make similar" in shown(grades)


def test_what_differs_is_told_by_rule_too(grades: list[Grade]) -> None:
    change = Change("id001x", "graded 10.00", "graded 12.00", Decimal(2), ("90.1: fail -> pass",))
    text = shown(grades, [change])
    assert "1 up, 0 down" in text and "90.1 (1)" in text and "+2" in text
    assert "id001x" not in text


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


def test_a_rule_that_not_every_machine_could_decide_counts_where_it_could(runs: list[Run]) -> None:
    (stage,) = runs[0].stages
    first, *others = stage.rules
    away = replace(first, maximum=Fraction(0), points=Fraction(0), status=Status.SKIPPED)
    elsewhere = replace(runs[0], stages=(replace(stage, rules=(away, *others)),))
    items = {item.rule.id: item for item in items_of([elsewhere, *runs[1:]])}
    assert items[first.rule.id].share == pytest.approx(12 / 17)


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
