"""No module grows beyond what CONTRIBUTING.md allows, but for those that are named here."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE_RULE = re.compile(r"Modules near \d+ lines, (\d+) at most, files of tests (\d+)")

WHOLE = {
    "reference": "its modules are the files that students fill in: another cut is another API",
    "starter": "generated from the reference",
    "examples": "a submission, as a student would hand it in",
    "tests/attacks": "text that is appended to the reference's modules",
}
"""Folders whose files are as long as they are, with the reason."""
LONGER = {
    "tests/batch/scores/test_grades.py": (340, "every policy on one class"),
}
"""Single files that are longer: by how much, and why."""


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def modules() -> dict[str, int]:
    """Lines of all modules of this repository that follow the rule."""
    found = {}
    for file in ROOT.rglob("*.py"):
        name = file.relative_to(ROOT).as_posix()
        free = any(name.startswith(f"{folder}/") for folder in WHOLE) or "/wheats/" in name
        if not free and not any(part.startswith(".") for part in name.split("/")):
            found[name] = lines_of(file)
    return found


def limits() -> tuple[int, int]:
    rule = HOUSE_RULE.search((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert rule is not None
    return int(rule[1]), int(rule[2])


def test_no_module_is_longer_than_the_house_rule_allows() -> None:
    most, most_of_tests = limits()
    too_long = {}
    for name, lines in modules().items():
        limit, _ = LONGER.get(name, (most_of_tests if name.startswith("tests/") else most, ""))
        if lines > limit:
            too_long[name] = lines
    assert too_long == {}, "cut them by concern, or name them here with a reason"


def test_an_exception_that_is_needed_no_more_is_struck() -> None:
    most, most_of_tests = limits()
    found = modules()
    for name in LONGER:
        assert found[name] > (most_of_tests if name.startswith("tests/") else most), name
