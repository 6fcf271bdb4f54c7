"""What CONTRIBUTING.md shows is what the repository holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STAGE = ROOT / "assignments" / "1_block_pool"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_command_exists() -> None:
    makefiles = "".join((ROOT / name).read_text("utf-8") for name in ("Makefile", "instructor.mk"))
    commands = set(re.findall(r"\bmake\s+([a-z]+)\b", " ".join(re.findall(r"`[^`]+`", TEXT))))
    assert len(commands) > 5
    assert commands <= set(re.findall(r"^([a-z]+):", makefiles, re.MULTILINE))


def test_the_chaff_that_is_shown_is_one_of_stage_1() -> None:
    (shown,) = tomllib.loads(_block("toml"))["chaffs"]
    assert shown in tomllib.loads((STAGE / "chaffs.toml").read_text("utf-8"))["chaffs"]


def test_the_rule_that_is_shown_is_a_public_test_of_stage_1() -> None:
    lines = {line.strip() for line in _block("python").splitlines() if line.strip()}
    imports = {line for line in lines if line.startswith("from stage1")}
    assert any(
        lines - imports <= {line.strip() for line in file.read_text("utf-8").splitlines()}
        for file in (STAGE / "public").glob("test_*.py")
    )


def test_every_file_of_a_stage_that_is_named_is_there() -> None:
    table = TEXT.partition("| file | holds |")[2].partition("\n\n")[0]
    names = re.findall(r"`([\w./]+?)/?`", "".join(row.split("|")[1] for row in _rows(table)))
    missing = [name for name in names if not (STAGE / name).exists()]
    assert len(names) > 10
    assert missing == []


def _rows(table: str) -> list[str]:
    return [line for line in table.splitlines() if line.startswith("| `")]


def _block(language: str) -> str:
    return TEXT.partition(f"```{language}\n")[2].partition("```")[0]
