"""Every page in a real browser, from a file: nothing asked for, nothing cut off, all readable."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.batch.dashboard.page import page as class_page
from autograder.batch.dashboard.page import pseudonyms
from autograder.batch.intake.found import Person
from autograder.batch.leaderboard.boards import Board
from autograder.batch.leaderboard.page import page as board_page
from autograder.batch.leaderboard.ranking import ranked
from autograder.batch.scores.difference import Change
from autograder.batch.student_report import report_for
from autograder.cli.grading import ROOT
from autograder.report.html import page as report_page
from autograder.report.run import Run
from autograder.rubric.load import load_course
from autograder.scoring.events import Header
from autograder.scoring.outcome import Binding, Cause, Outcome, Status
from autograder.scoring.score import score_run
from tests.batch.exports.bench import grade
from tests.report.bench import RUNS
from tests.server.browser import PROGRAM, Page, browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium (Debian: apt install chromium)"),
]
NAMES = ("dashboard", "report", "starter", "student", "leaderboard")
CAUSE = Cause(
    "misuse raises the named error <img src=http://asked.test/x.png>",
    "violation",
    program=("pool = BlockPool(2)", "pool.free_blocks([" + ", ".join(["a[0]"] * 40) + "])"),
    failing_line=1,
    expected="raises DoubleFree",
    observed="x" * 400,
    place="pagedlab/block_pool.py:1, " + "a_very_long_name" * 9,
    notes=("before  free 1; block 1: ref_cnt 0, no hash " * 4,),
)
CONTRAST = """(() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((one) => one / 255).map((one) =>
    one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const paper = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("main *")) {
    const own = [...element.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!own || element.closest("svg") || !element.getClientRects().length) continue;
    const pair = [light(parts(getComputedStyle(element).color)), light(paper(element))].sort();
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) found.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(found)];
})()"""
CUT_OFF = """[...document.querySelectorAll("main *")].filter((one) =>
  one.getBoundingClientRect().right > innerWidth + 1 && one.getClientRects().length
  && !one.closest(".scroll, pre, svg, thead")).map((one) => one.outerHTML.slice(0, 90))"""


def whole_run(failing: int) -> Run:
    """A run of the whole course, in which every n-th rule fails."""
    course = load_course(ROOT / "assignments")
    outcomes = []
    rules = [rule for stage in course.stages for rule in stage.rules if rule.check != "human"]
    for number, rule in enumerate(rules):
        lost = number % failing == 1
        status = Status.FAIL if lost else Status.PASS
        for binding in Binding:
            measured = {"amount": 1.0, "steps_small": 1.0, "steps_large": 1.0}
            cause = CAUSE if lost else None
            share = Fraction(not lost)
            outcomes.append(Outcome(rule.id, status, share, binding, cause, measured=measured))
    stages = tuple(stage.id for stage in course.stages)
    head = Header("2026.1", "abcdef0123", 7, "ada", "hash", stages, {}, "namespaces", "2026-11-01")
    return Run(course, head, score_run(course, stages, outcomes), 1.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    runs = [whole_run(number) for number in range(2, 42)]
    people = [Person(f"id{n:03}", f"Student {n}", f"s{n}@x.edu") for n in range(len(runs))]
    grades = [grade(one, str(run.score), run) for one, run in zip(people, runs, strict=True)]
    grades[3] = replace(grades[3], attention=("was late, and when is not recorded",))
    names = pseudonyms([one.state.row.key for one in grades], 7)
    changes = [Change("id001", "graded 1.00", "graded 2.00", Decimal(1), ("1.1: fail -> pass",))]
    pairs = [{"one": "S001", "other": "S002", "share": "0.9", "places": ""}]
    places = ranked({"<b>Ada</b>": [1.0], "x" * 32: [1.0, 3.0], "Grace": [2.0]})
    board = Board("5.P2", "Bursts of code get their first token soon", "s", True, tuple(places))
    texts = {
        "dashboard": class_page("PagedLab", grades, names, changes, pairs),
        "report": report_page(runs[3]),
        "starter": report_page(RUNS["starter"]()),
        "student": report_for(grades[0]),
        "leaderboard": board_page("PagedLab", [board], "suite 2026.1"),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in NAMES}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as page:
        yield page


def opened(page: Page, file: Path, width: int = 1280, dark: bool = False) -> Page:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.call("Emulation.setDeviceMetricsOverride", **size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.call("Emulation.setEmulatedMedia", features=[scheme])
    page.requests.clear()
    page.problems.clear()
    page.open(file.as_uri())
    page.wait_for(f"document.readyState === 'complete' && location.href === {file.as_uri()!r}")
    return page


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_can_be_read_and_asks_for_nothing(
    name: str, width: int, dark: bool, page: Page, files: dict[str, Path]
) -> None:
    opened(page, files[name], width, dark)
    assert page.run("document.documentElement.scrollWidth") <= width
    # With everything unfolded, too.
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.run(CUT_OFF) == []
    assert page.run(CONTRAST) == []
    paper = page.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") != dark
    assert page.requests == [files[name].as_uri()] and page.problems == []


OWN = re.compile(r"file:|chrome|data:|https?://[\w.-]*(google|googleapis|gstatic|gvt1)\.com/")
"""What the browser asks for by itself."""


def asked_for(text: str, folder: Path) -> list[str]:
    """What the browser's own log says that it asked for because of a page."""
    folder.mkdir()
    (folder / "page.html").write_text(text, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    options += [f"--user-data-dir={folder}/user", f"--log-net-log={folder}/net.json"]
    command = [str(PROGRAM), *options, (folder / "page.html").as_uri()]
    subprocess.run(command, capture_output=True, timeout=100, check=True)
    asked = set(re.findall(r'"url":"([^"]*)"', (folder / "net.json").read_text()))
    return [one for one in asked if not OWN.match(one)]


@pytest.mark.parametrize("name", ["dashboard", "student", "leaderboard"])
def test_the_browsers_own_log_has_no_request_and_its_policy_lets_none_through(
    name: str, files: dict[str, Path], tmp_path: Path
) -> None:
    text = files[name].read_text(encoding="utf-8")
    assert asked_for(text, tmp_path / "ours") == []
    image = text.replace("<main>", '<main><img src="http://asked.test/x.png">')
    assert asked_for(image, tmp_path / "image") == []
    without = image.replace("Content-Security-Policy", "X-Nothing")
    assert asked_for(without, tmp_path / "open") == ["http://asked.test/x.png"], "the log is read"


SHOWN = "[...document.querySelectorAll('#rules tbody tr')].filter((one) => !one.hidden)"


def test_rules_are_sorted_by_the_heading_that_is_pressed(
    page: Page, files: dict[str, Path]
) -> None:
    opened(page, files["dashboard"])
    shares = f"{SHOWN}.map((one) => Number(one.cells[4].dataset.v))"
    page.click("#rules th:nth-child(5) button")
    found = page.run(shares)
    assert found == sorted(found, reverse=True) and len(set(found)) > 3
    assert page.run("document.querySelector('#rules th:nth-child(5)').ariaSort") == "descending"
    page.click("#rules th:nth-child(5) button")
    assert page.run(shares) == sorted(found)
    # Names with numbers in them, by keyboard.
    page.run("document.querySelector('#rules th button').focus()")
    for _ in range(2):
        for kind in ("keyDown", "keyUp"):
            key = {"type": kind, "key": "Enter", "code": "Enter", "text": "\r"}
            page.call("Input.dispatchKeyEvent", **key, windowsVirtualKeyCode=13)
    first = page.run(f"{SHOWN}.slice(0, 10).map((one) => one.cells[0].textContent)")
    assert first == [f"1.{number}" for number in range(1, 11)]
    assert page.problems == []


def test_rules_are_filtered_by_words_stage_and_oddity(page: Page, files: dict[str, Path]) -> None:
    opened(page, files["dashboard"])
    everything = page.run(f"{SHOWN}.length")
    page.type("[name=words]", "DOUBLE FREE")
    assert page.run(f"{SHOWN}.map((one) => one.cells[0].textContent)") == ["1.8"]
    assert page.run("document.querySelector('#shown').textContent") == "1 rules"
    page.run("document.querySelector('[name=words]').value = ''")
    stage = "document.querySelector('[name=stage]')"
    page.run(f"{stage}.value = '3'; {stage}.dispatchEvent(new Event('input', {{bubbles: true}}))")
    assert set(page.run(f"{SHOWN}.map((one) => one.dataset.stage)")) == {"3"}
    page.click("[name=odd]")
    odd = page.run(f"{SHOWN}.map((one) => one.cells[8].textContent)")
    assert "" not in odd and len(odd) < everything


def test_a_report_shows_what_was_lost_without_a_script(page: Page, files: dict[str, Path]) -> None:
    opened(page, files["report"])
    shown = (
        "[...document.querySelectorAll('.rules tbody tr')].filter((one) => "
        "one.getClientRects().length).map((one) => one.className)"
    )
    assert set(page.run(shown)) == {"done", ""}
    page.click("#lost")
    assert set(page.run(shown)) == {""}
    page.click("#passed")
    assert set(page.run(shown)) == {"done"}
    assert page.run("document.scripts.length") == 0
    assert page.run("document.querySelector('.first h2').textContent").startswith("Fix this first")
    page.click(".points a[href='#stage-5']")
    assert page.run("location.hash") == "#stage-5"
    assert page.run("document.images.length") == 0, "what a student wrote is text"
