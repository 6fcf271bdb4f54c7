"""What the README counts and names is there."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.rubric.load import load_course
from autograder.source.attacks import load_attacks
from autograder.source.solutions import load_wheats
from autograder.source.variants import load_chaffs

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_readme_counts_wheats_chaffs_and_attacks_right() -> None:
    stages = load_course(ROOT / "assignments").stages
    attacks = [one for stage in stages for one in load_attacks(ROOT / "tests" / "attacks", stage)]
    wheats = [one for stage in stages for one in load_wheats(stage)]
    chaffs = [one for stage in stages for one in load_chaffs(stage)]
    counted = re.search(r"(\d+) wheats .*?(\d+) chaffs .*?(\d+) hostile", README)
    assert counted is not None
    found = (len(wheats), len(chaffs), len(attacks))
    assert tuple(map(int, counted.groups())) == found


def test_every_make_target_of_the_readme_exists() -> None:
    makefiles = "".join((ROOT / name).read_text("utf-8") for name in ("Makefile", "instructor.mk"))
    targets = set(re.findall(r"^([a-z-]+):", makefiles, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) <= targets


def test_every_path_of_the_readme_exists() -> None:
    paths = re.findall(r"\]\(([\w./]+)\)|`([\w/]+/)`|\bT=([\w./]+\w)", README)
    named = {one for match in paths for one in match if one and one != ".pagedlab/"}
    assert {"rubric.md", "reference/"} <= named
    assert [one for one in named if not (ROOT / one).exists()] == []
