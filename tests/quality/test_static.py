"""The reference earns all, junk little; a submission does not change how it is judged."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.quality import running, static, type_check
from autograder.quality.static import check_statically, start
from autograder.rubric.model import Stage
from autograder.scoring.outcome import Outcome, Status

from .conftest import ITEMS, REFERENCE, Judge, Make, codes, only

POOL, HASH, PARTS = "block_pool.py", "block_hash.py", "kv_cache_utils.py"
RULES = ["1.Q1", "1.Q2", "1.Q3", "1.D1"]
JUNK = '''"""Module."""

from __future__ import annotations

from typing import Any


class BlockPool:
    """Class."""

    def __init__(self, a: Any) -> None:
        """Init."""
        self.x: Any = list(range(a))

    def get_new_blocks(self, b: Any) -> Any:
        """Get new blocks."""
        return [self.x.pop() for _ in range(b)]

    def free_blocks(self, c: Any) -> Any:
        """Free blocks."""
        self.x += c
'''


def share_of(outcomes: dict[str, Outcome]) -> float:
    assert Status.ERROR not in {outcome.status for outcome in outcomes.values()}
    return float(sum(outcome.share for outcome in outcomes.values()))


def test_the_reference_earns_everything(judge: Judge) -> None:
    outcomes = judge({})
    assert [outcome.rule for outcome in outcomes.values()] == RULES
    assert all(
        outcome == Outcome(outcome.rule, Status.PASS, outcome.share)
        for outcome in outcomes.values()
    )
    assert share_of(outcomes) == 4


def test_a_clean_file_of_junk_scores_far_below_the_reference(judge: Judge) -> None:
    outcomes = judge({POOL: JUNK})
    assert outcomes["format"].share == 1
    assert outcomes["types"].share < 0.7
    assert outcomes["docstrings"].share < 0.5


def test_a_missing_file_costs_its_part_and_nothing_else(judge: Judge) -> None:
    outcomes = judge({HASH: None})
    assert {check: codes(outcome) for check, outcome in outcomes.items()} == {
        check: {"missing"} for check in ("format", "types", "structure", "docstrings")
    }
    shares = {check: round(float(outcome.share), 3) for check, outcome in outcomes.items()}
    third, items = 1 / 3, (ITEMS - 1) / ITEMS
    assert shares == {
        "format": round(1 - third, 3),
        "types": round(0.75 * items + 0.25 * (1 - third), 3),
        "structure": round(1 - third, 3),
        "docstrings": round(items, 3),
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x = 1\ndef f(:\n", "block_hash.py:2"),
        ("return 1\n", "block_hash.py:1"),
        ("x = 1\n" + "-" * 400 + "1\n", "block_hash.py:2"),
        ("x = a" + " and a" * 200, "block_hash.py:1"),
        ("x = " + "(" * 60_000, "block_hash.py:1"),
        ("# coding: latin-1\nx = 1\n", "block_hash.py:1"),
        ("x = 1\n" * 30_000, "block_hash.py"),
        ("x = '\0'\n", "block_hash.py"),
        ("x = 1\rimport os\n", "block_hash.py"),
    ],
    ids=["syntax", "compile", "deep", "chain", "open", "encoding", "large", "null", "return"],
)
def test_a_file_that_is_not_python_costs_its_part_and_says_where(
    judge: Judge, text: str, place: str
) -> None:
    outcome = judge({HASH: text}, "structure")["structure"]
    assert (outcome.status, outcome.share) == (Status.FAIL, Fraction(2, 3))
    assert outcome.cause is not None and outcome.cause.place == place


def test_a_syntax_error_costs_its_file_in_every_rule(judge: Judge) -> None:
    outcomes = judge({HASH: "x = 1\ndef f(:\n"})
    for outcome in outcomes.values():
        assert 0 < outcome.share < 1
        assert codes(outcome) == {"syntax"}
        assert outcome.cause is not None and outcome.cause.place == "block_hash.py:2"


def test_without_any_file_nothing_is_earned(judge: Judge) -> None:
    outcomes = judge({HASH: None, POOL: None, PARTS: None})
    assert {(outcome.status, outcome.share) for outcome in outcomes.values()} == {
        (Status.FAIL, Fraction(0))
    }


def test_configuration_in_a_submission_changes_nothing(
    make: Make, judge: Judge, stage: Stage, tmp_path: Path
) -> None:
    package = make({POOL: JUNK.replace("self.x: Any", "self.x : Any")})
    bare = check_statically(stage, package, tmp_path / "cache")
    lenient = {
        "pyproject.toml": "[tool.black]\nforce-exclude='.'\n[tool.ruff]\nlint.select=[]\n"
        "[tool.mypy]\nignore_errors=true\n[tool.pydoclint]\nexclude='.'\n",
        "ruff.toml": "lint.select = []\n",
        ".ruff.toml": "lint.select = []\n",
        "mypy.ini": "[mypy]\nignore_errors = True\n",
        "setup.cfg": "[mypy]\nignore_errors = True\n",
        "mypy.py": "raise SystemExit(0)\n",
        "sitecustomize.py": "raise SystemExit(0)\n",
        ".gitignore": "*\n",
        "large.py": "x = 1\n" * 30_000,
    }
    for name, text in lenient.items():
        (package / name).write_text(text)
        (package.parent / name).write_text(text)
    shutil.rmtree(tmp_path / "cache" / "static")
    assert check_statically(stage, package, tmp_path / "cache") == bare
    assert {outcome.status for outcome in bare} == {Status.PASS, Status.FAIL}


def test_the_same_bytes_give_the_same_outcomes_with_any_cache(
    make: Make, stage: Stage, tmp_path: Path, cache: Path
) -> None:
    package = make({POOL: JUNK})
    first = check_statically(stage, package, cache)
    assert check_statically(stage, package, cache) == first
    shutil.rmtree(cache / "static")
    assert check_statically(stage, package, cache) == first
    assert check_statically(stage, package, tmp_path / "cold") == first


def test_files_of_one_size_written_in_one_second_are_told_apart(
    make: Make, stage: Stage, cache: Path
) -> None:
    package = make({})
    for result, status in [("float", Status.PASS), ("bytes", Status.FAIL)] * 2:
        text = (REFERENCE / POOL).read_text("utf-8").replace("-> float:", f"-> {result}:")
        (package / POOL).write_text(text, "utf-8")
        shutil.rmtree(cache / "static", ignore_errors=True)
        assert check_statically(only(stage, "types"), package, cache)[0].status is status


def test_a_submission_is_only_read(make: Make, stage: Stage, cache: Path) -> None:
    package = make({POOL: JUNK + "\n\n\n"})
    before = {path: path.read_bytes() for path in package.rglob("*")}
    check_statically(only(stage, "format", "types"), package, cache)
    assert {path: path.read_bytes() for path in package.rglob("*")} == before


@pytest.mark.parametrize(
    "damage",
    [lambda text: "", lambda text: text[:-5], lambda text: "[]", lambda text: "[1]",
     lambda text: text.replace('"fail"', '"won"'), lambda text: text.replace("1.Q1", "1.Q9")],
)  # fmt: skip
def test_a_damaged_entry_of_the_cache_is_ignored(
    make: Make, stage: Stage, cache: Path, damage: Callable[[str], str]
) -> None:
    package = make({HASH: None, PARTS: None, POOL: None})
    first = check_statically(stage, package, cache)
    for entry in (cache / "static").glob("*.json"):
        entry.write_text(damage(entry.read_text()))
    assert check_statically(stage, package, cache) == first


def test_a_kept_outcome_is_used_without_any_tool(
    make: Make, stage: Stage, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, stage = make({POOL: JUNK}), only(stage, "docstrings")
    first = check_statically(stage, package, cache)
    monkeypatch.setattr(static, "launch", None)
    assert check_statically(stage, package, cache) == first


def test_a_damaged_mypy_cache_is_replaced(make: Make, stage: Stage, tmp_path: Path) -> None:
    package = make({})
    stage = only(stage, "types")
    check_statically(stage, package, tmp_path)
    shutil.rmtree(tmp_path / "static")
    entries = [path for path in (tmp_path / "mypy").rglob("*") if path.is_file()]
    for path in entries:
        path.write_bytes(b"\xff" * 3000)
    assert {outcome.status for outcome in check_statically(stage, package, tmp_path)} == {
        Status.PASS
    }
    assert not any(path.exists() and path.read_bytes()[:1] == b"\xff" for path in entries)


@pytest.mark.parametrize(
    ("config", "broken", "sound"),
    [
        ("black.toml", {"format"}, {"structure", "docstrings"}),
        ("ruff_rules.toml", {"format", "structure"}, {"docstrings"}),
        ("mypy.ini", {"types"}, {"structure"}),
        ("pydoclint.toml", {"docstrings"}, {"structure"}),
    ],
)
def test_a_tool_that_breaks_down_is_the_graders_fault_in_its_rules_alone(
    stage: Stage, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    config: str, broken: set[str], sound: set[str],
) -> None:  # fmt: skip
    shutil.copytree(running.CONFIG, tmp_path / "config")
    (tmp_path / "config" / config).write_text("[tool.black]\nline-length = 'no'\n] broken\n")
    monkeypatch.setattr(running, "CONFIG", tmp_path / "config")
    monkeypatch.setattr(type_check, "CONFIG", tmp_path / "config" / "mypy.ini")
    outcomes = check_statically(only(stage, *broken, *sound), make({}), tmp_path / "cache")
    checks = {stage.rule(outcome.rule).check: outcome for outcome in outcomes}
    assert {check for check in checks if checks[check].status is Status.ERROR} == broken
    assert {check for check in checks if checks[check].status is Status.PASS} == sound
    for check in broken:
        cause = checks[check].cause
        assert cause is not None and cause.kind == "grader"
    assert not (tmp_path / "cache" / "static").exists()


def test_running_out_of_time_is_the_graders_fault(make: Make, stage: Stage, tmp_path: Path) -> None:
    began = time.monotonic()
    outcomes = start(stage, make({}), tmp_path / "cache", seconds=0.0).collect()
    statuses = {outcome.status for outcome in outcomes}
    # A checker may be done before anybody looks at the clock; mypy never is.
    assert Status.ERROR in statuses and statuses <= {Status.ERROR, Status.PASS}
    assert [outcome.rule for outcome in outcomes] == RULES
    assert time.monotonic() - began < static.SECONDS


def test_a_missing_given_file_or_api_is_the_graders_fault(
    make: Make, stage: Stage, tmp_path: Path
) -> None:
    package = make({"errors.py": None})
    for asked in (stage, replace(stage, folder=tmp_path)):
        outcomes = check_statically(asked, package, tmp_path / "cache")
        assert {outcome.status for outcome in outcomes} == {Status.ERROR}
        (package / "errors.py").write_text((REFERENCE / "errors.py").read_text())


def test_cancelled_checks_leave_nothing_behind(
    make: Make, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    pending = start(stage, make({}), tmp_path / "cache")
    assert list((tmp_path / "temp").iterdir()) != []
    pending.cancel()
    assert list((tmp_path / "temp").iterdir()) == []


def test_two_checks_share_a_cold_cache(make: Make, stage: Stage, tmp_path: Path) -> None:
    package, stage = make({}), only(stage, "types")
    both = [start(stage, package, tmp_path / "cache") for _ in range(2)]
    assert {outcome.status for pending in both for outcome in pending.collect()} == {Status.PASS}
