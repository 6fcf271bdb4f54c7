"""Every handout agrees with the rubric and with itself."""

from __future__ import annotations

import re

import pytest

from tests.assignments.handout import HANDOUTS, ROOT, Handout, cited_sections

each = pytest.mark.parametrize("handout", HANDOUTS, ids=lambda one: one.stage.folder.name)


@each
def test_every_invariant_stands_in_its_section_word_for_word_and_with_an_anchor(
    handout: Handout,
) -> None:
    items = handout.section("Invariants").split("\n- ")[1:]
    shown = {}
    for item in items:
        match = re.match(r'<a id="(i\d+)"></a>\*\*(I\d+)\*\* (.+)', item)
        assert match, item
        assert match[1] == match[2].lower()
        shown[match[2]] = match[3].removesuffix(".")
    assert shown == handout.stage.invariants


@each
def test_the_handout_cites_no_invariant_that_the_stage_lacks(handout: Handout) -> None:
    assert set(re.findall(r"\bI\d+\b", handout.text)) <= set(handout.stage.invariants)


@each
def test_every_public_rule_stands_in_the_checkpoint_and_no_hidden_title_does(
    handout: Handout,
) -> None:
    checkpoint, rules = handout.section("Checkpoint"), handout.stage.rules
    visible = [rule for rule in rules if rule.visible]
    assert visible
    missing = [r.id for r in visible if f"| {r.id} | {r.title} |" not in checkpoint]
    beside_invariants = _squeezed(handout.text.replace(handout.section("Invariants"), ""))
    told = [r.id for r in rules if not r.visible and _squeezed(r.title) in beside_invariants]
    assert (missing, told) == ([], [])


@each
def test_every_rule_that_a_task_names_is_public(handout: Handout) -> None:
    named = set(re.findall(r"\bR=(\d\.\w+)", handout.text))
    assert named
    assert named <= {rule.id for one in HANDOUTS for rule in one.stage.rules if rule.visible}


@each
def test_every_section_that_the_grader_or_a_hint_cites_exists(handout: Handout) -> None:
    stage = handout.stage
    own = [*stage.folder.glob("*.toml"), *stage.folder.glob("*.py"), stage.folder / "README.md"]
    sources = [*ROOT.glob("autograder/**/*.py"), *own]
    cited = set().union(*(cited_sections(f.read_text("utf-8"), stage.id) for f in sources))
    assert "3" in cited
    assert {f"{stage.id}.{number}" for number in cited} <= set(handout.section_numbers())


def test_a_cited_section_is_found_in_code_and_in_words() -> None:
    code = 'f"handout §{rule.stage}.7" f"{glyphs.section}{stage}.4"  # see §1.3 and §2.9'
    assert cited_sections(code, 1) == {"7", "4", "3"}


@each
def test_sections_are_numbered_in_order(handout: Handout) -> None:
    numbers = handout.section_numbers()
    assert numbers == [f"{handout.stage.id}.{n}" for n in range(1, len(numbers) + 1)]


@each
def test_the_invariants_are_section_3(handout: Handout) -> None:
    """Reports send students to §N.3."""
    heading = f"\n## §{handout.stage.id}.3 Invariants"
    assert heading in handout.text


@each
def test_every_link_resolves(handout: Handout) -> None:
    links = re.findall(r"\]\(([^)]+)\)", handout.text)
    anchors = {_slug(heading) for heading in re.findall(r"^#+ (.+)$", handout.text, re.MULTILINE)}
    anchors |= set(re.findall(r'<a id="([^"]+)">', handout.text))
    for link in links:
        path, _, anchor = link.partition("#")
        if link.startswith("https://"):
            continue
        assert not path or (handout.stage.folder / path).exists(), link
        assert path or anchor in anchors, link
    assert links


def _squeezed(text: str) -> str:
    return " ".join(text.lower().split())


def _slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
