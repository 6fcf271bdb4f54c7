"""A cause says where to look, in the submission's own files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.judge.explain import needed_imports, place_of, shown_place, states
from autograder.judge.stage_package import Language, import_stage, stage_language
from autograder.program.model import Observation, Op
from autograder.protocol.plain import Json
from autograder.rubric.load import load_course

ROOT = Path(__file__).resolve().parents[2]
POOL = '''
"""Holds blocks."""

LIMIT = 3

def hash_block(tokens):
    return b""

class Pool:
    """Of blocks."""

    class Inner:
        def free(self): ...

    @property
    def size(self): ...

    def free(self, blocks):
        def touch(): ...

    if LIMIT:
        def conditional(self): ...
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "pool.py").write_text(POOL, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("function", "place"),
    [
        ("hash_block", "pagedlab/pool.py:6, hash_block"),
        ("Pool", "pagedlab/pool.py:9, Pool"),
        ("Pool.free", "pagedlab/pool.py:18, Pool.free"),
        ("Pool.Inner.free", "pagedlab/pool.py:13, Pool.Inner.free"),
        ("Pool.size", "pagedlab/pool.py:16, Pool.size"),
    ],
)
def test_functions_and_methods_are_found(package: Path, function: str, place: str) -> None:
    assert place_of(package, function) == place


@pytest.mark.parametrize("function", ["", "free", "Pool.touch", "pool", "Pool.", "LIMIT"])
def test_what_is_not_there_has_no_place(package: Path, function: str) -> None:
    assert place_of(package, function) == ""


@pytest.mark.parametrize(
    "broken",
    [
        b"def (:\n",
        b"\xff\xfe",
        b"x = '\0'\n",
        b"x = " + b"(" * 100_000,
        b"x = " + b"-" * 100_000 + b"1\n",
        b"x = " + b"1+" * 100_000 + b"1\n",
    ],
    ids=["syntax", "encoding", "null", "parentheses", "signs", "sum"],
)
def test_files_that_cannot_be_parsed_are_passed_over(package: Path, broken: bytes) -> None:
    (package / "a_broken.py").write_bytes(broken)
    assert place_of(package, "Pool.free") == "pagedlab/pool.py:18, Pool.free"


@pytest.mark.parametrize(
    ("named", "place"),
    [
        ("pool.py:18", "pagedlab/pool.py:18, free"),
        ("pool.py:19", "pagedlab/pool.py:19, touch"),
        ("Pool.free", "pagedlab/pool.py:18, Pool.free"),
        ("pool.py:4", ""),
        ("other.py:4", ""),
        ("../pool.py:18", ""),
        ("", ""),
    ],
)
def test_a_violation_may_say_where_to_look(package: Path, named: str, place: str) -> None:
    assert shown_place(package, named) == place


def test_a_package_without_files_has_no_places(tmp_path: Path) -> None:
    assert place_of(tmp_path, "Pool.free") == ""


# ---- states, as stage 1 shows them --------------------------------------------------------------


def seen(**state: Json) -> Observation:
    return Observation(state=state)


@pytest.fixture(scope="module")
def language() -> Language:
    stage = load_course(ROOT / "assignments").stage(1)
    import_stage(stage)
    return stage_language(stage)


def test_states_before_and_after_are_one_line_each(language: Language) -> None:
    first = seen(free=2, null=[0, 0, None, True], blocks={"0": [0, 0, None, True]}, cached={})
    second = seen(
        free=1,
        null=[0, 0, None, True],
        blocks={"1": [1, 2, "h1", False], "2": [2, 0, None, False], "0": [0, 0, None, True]},
        cached={"h1": 1, "h2": None},
    )
    assert states(language, [first, second], 1) == (
        "before  free 2",
        "after   free 1; block 1: ref_cnt 2, hash h1; block 2: ref_cnt 0, no hash;"
        " h1 finds block 1; h2 finds nothing",
    )
    assert states(language, [first], 0) == ("after   free 2",)


def test_a_program_is_told_with_the_imports_that_it_needs(language: Language) -> None:
    made = replace(
        language,
        to_python=lambda op: op.name,
        imports=("import first  # sets up", "from a import get, put", "from b import other"),
    )
    assert needed_imports(made, (Op("get(3)"),)) == (
        "import first  # sets up",
        "from a import get, put",
    )
    assert needed_imports(made, (Op("another()"),)) == ("import first  # sets up",)


def test_what_leaves_nothing_to_see_has_no_line(language: Language) -> None:
    made = replace(language, show_state=lambda state: [])
    assert states(made, [seen(free=1)], 0) == ()


def test_states_that_were_not_seen_are_left_out(language: Language) -> None:
    assert states(language, [seen(), seen()], 1) == ()
    assert states(language, [seen(free=1), seen()], 1) == ("before  free 1",)


@pytest.mark.parametrize(
    "blocks", [{"1": None}, {"1": [1]}, {"1": {"error": "x"}}, {"1": "x" * 10_000}, {"1": []}]
)
def test_states_that_nobody_expects_can_still_be_shown(language: Language, blocks: Json) -> None:
    (line,) = states(language, [seen(blocks=blocks, free={"error": "KeyError"})], 0)
    assert "block 1: unreadable" in line and len(line) <= 320


def test_a_state_is_one_short_line(language: Language) -> None:
    (line,) = states(language, [seen(free="x" * 100_000)], 0)
    assert len(line) <= 320


def test_a_stage_that_stumbles_over_a_state_does_not_void_the_verdict(language: Language) -> None:
    def stumbles(state: object) -> list[str]:
        raise KeyError("blocks")

    odd = replace(language, show_state=stumbles)
    assert states(odd, [seen(free=1)], 0) == ("after   of a form that cannot be shown",)
