"""The handout of stage 1 agrees with the rubric and with itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from tests.assignments.handout import (
    HANDOUT,
    ROOT,
    RULES,
    STAGE,
    cited_sections,
    section,
    section_numbers,
)


@pytest.fixture
def stage() -> Stage:
    return load_course(ROOT / "assignments").stage(1)


def test_every_invariant_stands_in_its_section_word_for_word_and_with_an_anchor() -> None:
    items = section("1.3").split("\n- ")[1:]
    shown = {}
    for item in items:
        match = re.match(r'<a id="(i\d+)"></a>\*\*(I\d+)\*\* (.+)', item)
        assert match, item
        assert match[1] == match[2].lower()
        shown[match[2]] = match[3].removesuffix(".")
    assert shown == RULES["invariants"]


def test_the_handout_cites_no_invariant_that_the_stage_lacks() -> None:
    assert set(re.findall(r"\bI\d+\b", HANDOUT)) <= set(RULES["invariants"])


def test_every_public_rule_stands_in_the_checkpoint_and_no_hidden_title_does(stage: Stage) -> None:
    checkpoint = section("1.6")
    visible = [rule for rule in stage.rules if rule.visible]
    assert visible
    missing = [r.id for r in visible if f"| {r.id} | {r.title} |" not in checkpoint]
    beside_invariants = _squeezed(HANDOUT.replace(section("1.3"), ""))
    told = [r.id for r in stage.rules if not r.visible and _squeezed(r.title) in beside_invariants]
    assert (missing, told) == ([], [])


def test_every_rule_that_a_task_names_is_public(stage: Stage) -> None:
    named = set(re.findall(r"\bR=(\d\.\w+)", HANDOUT))
    assert named
    assert named <= {rule.id for rule in stage.rules if rule.visible}


def test_every_section_that_the_grader_or_a_hint_cites_exists() -> None:
    cited = set().union(*(cited_sections(file.read_text("utf-8")) for file in _sources()))
    assert "3" in cited
    assert {f"1.{number}" for number in cited} <= set(section_numbers())


def test_a_cited_section_is_found_in_code_and_in_words() -> None:
    code = 'f"handout §{rule.stage}.7" f"{glyphs.section}{stage}.4"  # see §1.3 and §2.9'
    assert cited_sections(code) == {"7", "4", "3"}


def test_sections_are_numbered_in_order() -> None:
    assert section_numbers() == [f"1.{number}" for number in range(1, len(section_numbers()) + 1)]


def test_the_boundary_trace_adds_up() -> None:
    rows = re.findall(r"^\| (\d[\d |]*) \|$", section("1.1"), re.MULTILINE)
    shown = [[list(map(int, cell.split())) for cell in row.split("|")] for row in rows]
    assert shown == list(_trace(prompt=3, steps=7, block_size=4, table=[5, 2, 7]))


def test_every_link_resolves() -> None:
    links = re.findall(r"\]\(([^)]+)\)", HANDOUT)
    anchors = {_slug(heading) for heading in re.findall(r"^#+ (.+)$", HANDOUT, re.MULTILINE)}
    anchors |= set(re.findall(r'<a id="([^"]+)">', HANDOUT))
    for link in links:
        path, _, anchor = link.partition("#")
        if link.startswith("https://"):
            continue
        assert not path or (STAGE / path).exists(), link
        assert path or anchor in anchors, link
    assert links


def _squeezed(text: str) -> str:
    return " ".join(text.lower().split())


def _sources() -> list[Path]:
    found = [*ROOT.glob("autograder/**/*.py"), *STAGE.glob("*.toml"), *STAGE.glob("*.py")]
    return [*found, STAGE / "README.md"]


def _slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _trace(prompt: int, steps: int, block_size: int, table: list[int]) -> Iterator[list[list[int]]]:
    """The convention of §1.1, step by step, as rows of the handout's table."""
    num_tokens, num_computed_tokens, held = prompt, 0, 0
    for step in range(1, steps + 1):
        before = [[step], [num_tokens], [num_computed_tokens], [held]]
        positions = list(range(num_computed_tokens, num_tokens))
        needed = -(-num_tokens // block_size)
        taken, held = needed - held, needed
        slots = [table[p // block_size] * block_size + p % block_size for p in positions]
        num_computed_tokens += len(positions)
        num_tokens += 1
        now = [[needed], [taken], [num_computed_tokens], [held], [num_tokens]]
        yield [*before, positions, slots, *now]
