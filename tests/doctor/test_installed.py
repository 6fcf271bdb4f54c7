"""Comparing what is installed with the pins, file by file."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.doctor.installed import Pin, main, read_pins, satisfies, to_install

ROOT = Path(__file__).resolve().parents[2]


def add_package(site: Path, name: str, version: str) -> Path:
    """Lays out a package as pip does; returns its one source file."""
    source = site / f"{name}.py"
    source.write_text("value = 1\n")
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(
        f"{name}.py,sha256=x,{source.stat().st_size}\n"
        f"__pycache__/{name}.pyc,,\n"
        f"{info.name}/RECORD,,\n"
    )
    return source


def needed(pins: str, site: Path) -> list[str]:
    return [str(pin) for pin in to_install(read_pins(pins), site)]


def test_a_whole_package_of_the_pinned_version_needs_nothing(tmp_path: Path) -> None:
    add_package(tmp_path, "one", "1.0")
    assert needed("one==1.0", tmp_path) == []


def test_a_missing_package_is_needed(tmp_path: Path) -> None:
    assert needed("one==1.0", tmp_path) == ["one==1.0"]


def test_another_version_is_needed(tmp_path: Path) -> None:
    add_package(tmp_path, "one", "1.0.1")
    assert needed("one==1.0", tmp_path) == ["one==1.0"]


def test_a_package_with_a_file_missing_is_needed(tmp_path: Path) -> None:
    add_package(tmp_path, "one", "1.0").unlink()
    assert needed("one==1.0", tmp_path) == ["one==1.0"]


def test_a_package_with_a_file_cut_short_is_needed(tmp_path: Path) -> None:
    add_package(tmp_path, "one", "1.0").write_text("val")
    assert needed("one==1.0", tmp_path) == ["one==1.0"]


@pytest.mark.parametrize("file", ["RECORD", "METADATA"])
def test_a_package_killed_before_its_metadata_was_written_is_needed(
    tmp_path: Path, file: str
) -> None:
    add_package(tmp_path, "one", "1.0")
    (tmp_path / "one-1.0.dist-info" / file).unlink()
    assert needed("one==1.0", tmp_path) == ["one==1.0"]


def test_a_damaged_package_that_no_pin_names_is_needed_too(tmp_path: Path) -> None:
    add_package(tmp_path, "brought_along", "3.0").unlink()
    assert needed("", tmp_path) == ["brought-along==3.0"]


def test_a_package_installed_in_place_is_left_alone(tmp_path: Path) -> None:
    add_package(tmp_path, "mine", "0.1").unlink()
    (tmp_path / "mine-0.1.dist-info" / "direct_url.json").write_text("{}")
    assert needed("", tmp_path) == []


def test_names_are_compared_as_pip_does(tmp_path: Path) -> None:
    add_package(tmp_path, "Typing_Extensions", "1.0")
    assert needed("typing-extensions==1.0", tmp_path) == []


def test_a_build_label_is_no_difference() -> None:
    assert satisfies("2.13.0+cpu", "2.13.0")
    assert not satisfies("2.13.1+cpu", "2.13.0")
    assert not satisfies("2.13.0", "2.13.0+cpu")


def test_pins_for_another_platform_do_not_count() -> None:
    text = 'one==1.0\ntwo==2.0 ; sys_platform == "linux"  # why\n'
    assert read_pins(text, "linux") == [Pin("one", "1.0"), Pin("two", "2.0")]
    assert read_pins(text, "darwin") == [Pin("one", "1.0")]


@pytest.mark.parametrize(
    "line", ["one", "one>=1.0", "-r other.txt", "--find-links here", "one==1.0 ; extra == 'x'"]
)
def test_a_line_that_is_no_exact_pin_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not an exact pin"):
        read_pins(line)


def test_the_command_prints_what_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("there-is-no-such-package==1.0\npytest==0.0.1\n")
    assert main([str(lock)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["there-is-no-such-package==1.0", "pytest==0.0.1"]


def test_the_lock_pins_all_that_its_packages_bring_along() -> None:
    pins = {pin.key for pin in read_pins((ROOT / "requirements.txt").read_text())}
    unpinned = set()
    for package in distributions():
        if canonicalize_name(package.name) not in pins:
            continue
        for line in package.requires or []:
            wanted = Requirement(line)
            applies = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
            # torch pins the CUDA libraries of its own build.
            if applies and not wanted.name.startswith(("nvidia-", "cuda-")):
                unpinned.add(canonicalize_name(wanted.name))
    assert unpinned - pins == set()


def test_every_direct_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "requirements.txt").read_text()
    direct = text.partition("# Direct\n")[2].partition("\n\n")[0].splitlines()
    assert len(direct) > 5
    assert [line for line in direct if not re.search(r"  # \w.{10,}", line)] == []
