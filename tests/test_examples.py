"""The example's student is at work on stage 1: all else is still the starter's."""

from __future__ import annotations

import tomllib
from pathlib import Path

from autograder.rubric.load import load_course

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "submissions" / "half_finished"
STARTER = ROOT / "starter"
STAGE_1 = load_course(ROOT / "assignments").stage(1)


def test_the_example_has_every_file_of_the_starter() -> None:
    names = {file.relative_to(STARTER) for file in STARTER.rglob("*.[pt]*") if file.is_file()}
    present = {file.relative_to(EXAMPLE) for file in EXAMPLE.rglob("*.[pt]*") if file.is_file()}
    kept = {name for name in names if "__pycache__" not in name.parts}
    assert kept and kept <= present


def test_the_files_of_later_stages_are_the_starters() -> None:
    """Copy them over from `starter/` when this fails."""
    at_work = {f"pagedlab/{name}" for name in STAGE_1.modules} | {"tests/test_block_pool.py"}
    for file in sorted(STARTER.rglob("*.py")):
        name = file.relative_to(STARTER).as_posix()
        if name not in at_work and "__pycache__" not in file.parts:
            assert (EXAMPLE / name).read_bytes() == file.read_bytes(), name


def test_the_claims_on_later_stages_are_the_starters() -> None:
    own = tomllib.loads((EXAMPLE / "design.toml").read_text(encoding="utf-8"))
    given = tomllib.loads((STARTER / "design.toml").read_text(encoding="utf-8"))
    assert own.pop("stage1") != given.pop("stage1")
    assert own == given
