"""The web page: what it is made of, and what it shows in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.browser import PROGRAM, Page, browser
from tests.server.fake_engine import FakeEngine, served_by
from tests.server.web import Web, serving

PAGE = Path(__file__).resolve().parents[2] / "server" / "page"
_skip_without_browser = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium on the PATH (Debian: apt install chromium)"
)


def needs_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Skipped without a browser, and no part of the gate: a browser's pace is not ours."""
    return pytest.mark.slow(_skip_without_browser(test))


ENDLESS = 10**8


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    return FakeEngine(num_blocks=40, block_size=4, replies={"SCENE": list(b"<i>Hark!</i>")})


@pytest.fixture(scope="module")
def web(engine: FakeEngine) -> Iterator[Web]:
    with serving(served_by(engine, 10**9)) as web:
        yield web


@pytest.fixture(scope="module")
def page(web: Web) -> Iterator[Page]:
    with browser() as page:
        yield page


@pytest.fixture
def opened(page: Page, web: Web) -> Page:
    page.open(f"{web.url}/")
    page.wait_for("document.querySelector('#connection')?.textContent === 'live'")
    return page


def test_every_file_of_the_page_is_served_and_nothing_else(web: Web) -> None:
    assert web.get("/").headers["content-type"].startswith("text/html")
    for file in PAGE.iterdir():
        if file.name != "index.html":
            reply = web.get(f"/page/{file.name}")
            assert (reply.status, reply.body) == (200, file.read_bytes())
    assert web.get("/page/index.html").status == 404


def test_the_page_may_load_from_this_server_alone(web: Web) -> None:
    policy = web.get("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    sources = set(re.findall(r"-src ([^;]+)", policy)) - {"'none'"}
    assert sources == {"'self'", "data:"}
    text = "".join(file.read_text("utf-8") for file in PAGE.iterdir())
    assert not re.search(r"https?:|\bsrc=\"//|innerHTML|eval\(| on\w+=|style=\"", text)


@needs_browser
def test_a_text_is_continued_and_shown_as_text(opened: Page, web: Web) -> None:
    opened.click("input[value=complete]")
    opened.type("textarea", "SCENE")
    opened.click("form button")
    opened.wait_for("document.querySelector('.note')?.textContent.startsWith('ended by stop')")
    # What looks like HTML is shown, not obeyed.
    assert opened.run("document.querySelector('.answer .text').textContent") == "<i>Hark!</i>"
    note = opened.run("document.querySelector('.note').textContent")
    assert "5 prompt tokens (0 cached), 13 generated" in note
    assert opened.problems == []
    assert all(address.startswith(web.url) for address in opened.requests)


@needs_browser
def test_blocks_and_batch_are_shown_live_and_stopping_frees_them(
    opened: Page, engine: FakeEngine
) -> None:
    engine.block_size = 10**7
    engine.cached.clear()
    opened.run(f"document.querySelector('[name=max_tokens]').max = {2 * ENDLESS}")
    opened.type("[name=max_tokens]", str(ENDLESS))
    opened.type("textarea", "What news?")
    opened.click("form button")
    opened.wait_for("document.querySelectorAll('#batch tr').length === 1")
    opened.wait_for("document.querySelector('#batch td:nth-child(2)').textContent === 'running'")
    assert opened.run("document.querySelectorAll('#pool .block').length") == engine.num_blocks
    assert opened.run("document.querySelectorAll('#pool .used').length") == 11
    assert opened.run("document.querySelector('[data-count=used]').textContent") == "11"
    table = opened.run("document.querySelector('#batch td:last-child').textContent")
    assert len(table.split()) == 11
    colours = (
        "[...document.querySelectorAll('#pool .used')].map((e) => getComputedStyle(e).background)"
    )
    assert len(set(opened.run(colours))) == 1
    opened.wait_for("document.querySelector('.answer .text').textContent.length > 5")
    opened.click("#halt")
    opened.wait_for("document.querySelectorAll('#batch tr').length === 0")
    assert opened.run("document.querySelectorAll('#pool .used').length") == 0
    assert opened.run("document.querySelectorAll('#pool .cached').length") == 11
    assert opened.run("document.querySelector('.note').textContent") == "stopped"
    assert len(engine.free) == engine.num_blocks


@needs_browser
def test_a_conversation_is_a_play_and_its_past_is_in_the_prompt(
    opened: Page, engine: FakeEngine
) -> None:
    engine.block_size = 4
    opened.type("[name=max_tokens]", "8")
    for count, words in enumerate(("Who is there?", "Speak!"), 1):
        opened.type("textarea", words)
        opened.click("form button")
        opened.wait_for(
            f"document.querySelectorAll('.note').length === {count} && "
            "[...document.querySelectorAll('.note')].at(-1).textContent.startsWith('ended')"
        )
    prompt = bytes(engine.added[-1].prompt).decode()
    answer = opened.run("document.querySelector('.answer .text').textContent")
    assert prompt == (f"ROMEO.\nWho is there?\n\nJULIET.\n{answer}\n\nROMEO.\nSpeak!\n\nJULIET.\n")


@needs_browser
def test_a_crowd_is_one_request_and_every_answer_has_its_own_colour(
    opened: Page, engine: FakeEngine
) -> None:
    engine.block_size = 100
    opened.type("[name=max_tokens]", "5")
    opened.click("#crowd")
    opened.wait_for(
        "[...document.querySelectorAll('.note')].filter("
        "(e) => e.textContent.startsWith('ended by length')).length === 12"
    )
    hues = "[...document.querySelectorAll('.answer')].map((e) => e.style.getPropertyValue('--hue'))"
    assert len(set(opened.run(hues))) == 12


@needs_browser
def test_what_the_server_refuses_is_shown(opened: Page) -> None:
    opened.run("document.querySelector('[name=max_tokens]').max = 1e12")
    opened.type("[name=max_tokens]", "1000000000")
    opened.type("textarea", "x")
    opened.click("form button")
    opened.wait_for("document.querySelector('.note.bad')?.textContent.includes('context')")
    opened.problems.clear()  # the console tells of the status 400


@needs_browser
def test_an_engine_that_failed_and_a_server_that_is_gone_are_told(page: Page) -> None:
    def fail(engine: FakeEngine) -> None:
        raise NotImplementedError("Stage 5 · Scheduler.schedule is not written yet")

    with serving(served_by(FakeEngine(on_step=fail))) as web:
        page.open(f"{web.url}/")
        page.wait_for("document.querySelector('#connection')?.textContent === 'live'")
        page.type("textarea", "x")
        page.click("form button")
        page.wait_for("!document.querySelector('#failure').hidden")
        told = page.run("document.querySelector('#failure').textContent")
        assert "Scheduler.schedule is not written yet" in told
    page.wait_for("document.querySelector('#connection').textContent.includes('does not answer')")
