"""The page for instructors says what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from autograder.cli.autograder import _parser
from autograder.doctor.installed import read_pins
from autograder.publish.call import Setting
from tests.publish.bench import ROOT

FOLDER = ROOT / "autograder" / "publish"
TEXT = (FOLDER / "README.md").read_text("utf-8")
PINS = (FOLDER / "requirements-otter.txt").read_text("utf-8")


def test_every_make_target_and_every_link_exists() -> None:
    makefiles = "".join((ROOT / name).read_text("utf-8") for name in ("Makefile", "instructor.mk"))
    targets = set(re.findall(r"^([a-z-]+):", makefiles, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", TEXT))
    assert {"autograder", "parity", "otter", "otter-tests"} <= named <= targets
    links = re.findall(r"\]\(([\w./]+)\)", TEXT)
    assert links and not [link for link in links if not (FOLDER / link).exists()]


def test_figures_are_those_of_the_files() -> None:
    number = len(read_pins(PINS))
    assert f"{number} packages" in TEXT and f"{number} packages" in PINS
    minutes = _parser().get_default("minutes")
    assert f"`--minutes` ({minutes:.0f}, unless" in TEXT
    assert Setting(0).seconds >= minutes * 60


def test_otters_pins_are_in_no_list_that_others_install() -> None:
    ours = {pin.key for pin in read_pins((ROOT / "requirements.txt").read_text("utf-8"))}
    assert "otter-grader" not in ours
    release = tomllib.loads((ROOT / "autograder" / "source" / "release.toml").read_text("utf-8"))
    assert not [name for name in release["copy"] if Path(name).name.startswith("requirements-")]
