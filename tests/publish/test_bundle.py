"""The zip: the same bytes from the same commit, all that is needed, and nothing of this machine."""

from __future__ import annotations

import ast
import json
import re
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from autograder.doctor.installed import read_pins
from autograder.publish.bundle import Bundle, BundleError, write_bundle
from autograder.publish.call import Setting
from tests.publish.bench import ROOT

OURS = {"autograder", "kernel_lanes", "language_model", "pagedlab", "reference"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(ROOT, tmp_path_factory.mktemp("zip"))


@pytest.fixture(scope="module")
def entries(bundle: Bundle) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle.file) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def checkout(bundle: Bundle, place: Path, git: bool) -> Path:
    """What the zip is made of, elsewhere, with other times and modes."""
    with zipfile.ZipFile(bundle.file) as archive:
        names = [name.removeprefix("engine/") for name in archive.namelist()]
    for name in filter(lambda name: (ROOT / name).is_file(), [*names, "requirements.txt"]):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place / name)
        (place / name).chmod(0o600)
    for command in (["init", "-q"], ["add", "-A", "-f"]):
        if git:
            subprocess.run(["git", "-C", str(place), *command], check=True, capture_output=True)
    return place


@pytest.mark.parametrize("git", [True, False])
def test_the_same_files_give_the_same_bytes_anywhere(
    bundle: Bundle, tmp_path: Path, git: bool
) -> None:
    other = checkout(bundle, tmp_path / "another" / "place", git)
    if git:
        (other / "autograder" / "stray.py").write_text("left lying around")
    again = write_bundle(other, tmp_path / "out")
    assert again.sha256 == bundle.sha256
    assert again.file.read_bytes() == bundle.file.read_bytes()


def test_entries_are_sorted_stored_and_of_one_time_and_two_modes(bundle: Bundle) -> None:
    with zipfile.ZipFile(bundle.file) as archive:
        infos = archive.infolist()
    names = [info.filename for info in infos]
    assert names == sorted(set(names))
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    modes = {info.filename: stat.S_IMODE(info.external_attr >> 16) for info in infos}
    executable = {name for name, mode in modes.items() if mode == 0o755}
    assert executable == {"run_autograder", "setup.sh"}
    assert set(modes.values()) == {0o755, 0o644}


def test_nothing_of_this_machine_is_in_it(entries: dict[str, bytes]) -> None:
    here = {str(ROOT).encode(), str(Path.home()).encode() + b"/", sys.prefix.encode()}
    if ROOT.is_relative_to(Path.home()):
        here.add(str(Path.home()).encode())
    found = [name for name, content in entries.items() if any(one in content for one in here)]
    assert found == []
    assert not [name for name in entries if name.startswith("/") or ".." in name.split("/")]


def test_gradescope_and_otter_find_what_they_run_at_its_top(entries: dict[str, bytes]) -> None:
    top = {name for name in entries if not name.startswith("engine/")}
    assert top == {
        *("run_autograder", "setup.sh", "run_otter.py", "otter_config.json"),
        *("requirements-otter.txt", "tests/pagedlab.py", "files/pagedlab.ipynb"),
    }
    for script in ("run_autograder", "setup.sh"):
        assert entries[script].startswith(b"#!/usr/bin/env bash\n")
        checked = subprocess.run(["bash", "-n"], input=entries[script], capture_output=True)
        assert checked.returncode == 0, checked.stderr
    assert json.loads(entries["files/pagedlab.ipynb"])["cells"] == []


def test_the_engine_is_whole(entries: dict[str, bytes]) -> None:
    """Whatever a file of the engine imports of ours is in the zip, too."""
    missing = set()
    for name, content in entries.items():
        if not name.startswith("engine/autograder/") or not name.endswith(".py"):
            continue
        for module in _imports(content):
            parts = module.split(".")
            if parts[0] in OURS - {"pagedlab", "reference"}:
                place = "/".join(["engine", *parts])
                parent = place.rpartition("/")[0]
                ends = (f"{place}.py", f"{place}/__init__.py", f"{parent}.py")
                if not any(end in entries for end in (*ends, f"{parent}/__init__.py")):
                    missing.add((name, module))
    assert missing == set()


def _imports(content: bytes) -> set[str]:
    tree = ast.walk(ast.parse(content))
    return {
        f"{node.module}.{alias.name}"
        for node in tree
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    }


def test_the_zip_asks_for_what_grading_needs_and_no_more(entries: dict[str, bytes]) -> None:
    pins = {pin.name for pin in read_pins(entries["engine/requirements.txt"].decode())}
    assert {"torch", "numpy", "pytest", "black", "mypy", "ruff", "pydoclint"} <= pins
    assert not {"matplotlib", "hypothesis", "openai", "pytest-xdist"} & pins
    otters = {pin.key: pin.version for pin in read_pins(entries["requirements-otter.txt"].decode())}
    assert otters["otter-grader"] == "7.0.0" and "ipykernel" in otters
    torch = re.search(rb"sed -n '(s/[^']+)'", entries["setup.sh"])
    assert torch is not None
    found = subprocess.run(
        ["sed", "-n", torch[1].decode()],
        input=entries["engine/requirements.txt"],
        capture_output=True,
    )
    assert re.fullmatch(rb"torch==\d+\.\d+\.\d+\n", found.stdout)


def test_the_setting_is_in_the_zip_and_the_seed_follows_from_its_content(
    bundle: Bundle, entries: dict[str, bytes], tmp_path: Path
) -> None:
    (plugin,) = json.loads(entries["otter_config.json"])["plugins"]
    (config,) = plugin.values()
    assert Setting.from_json(config) == bundle.setting and bundle.setting.seed > 0
    other = write_bundle(ROOT, tmp_path, Setting(9, (1,), 60.0, "landlock"))
    assert other.setting == Setting(9, (1,), 60.0, "landlock")
    assert other.sha256 != bundle.sha256 and other.entries == bundle.entries


def test_the_plugin_that_the_zip_names_is_there(entries: dict[str, bytes]) -> None:
    (plugin,) = json.loads(entries["otter_config.json"])["plugins"]
    module, _, name = next(iter(plugin)).rpartition(".")
    text = entries[f"engine/{module.replace('.', '/')}.py"].decode()
    assert f"\nclass {name}(" in text


def test_a_listed_file_that_is_gone_or_a_link_stops_it(bundle: Bundle, tmp_path: Path) -> None:
    other = checkout(bundle, tmp_path / "other", git=False)
    taken = other / "autograder" / "publish" / "in_zip" / "setup.sh"
    taken.rename(tmp_path / "setup.sh")
    with pytest.raises(BundleError, match="setup.sh"):
        write_bundle(other, tmp_path / "out")
    taken.symlink_to(tmp_path / "setup.sh")
    with pytest.raises(BundleError, match="setup.sh"):
        write_bundle(other, tmp_path / "out")


def test_students_get_of_all_this_only_what_their_otter_tests_call() -> None:
    release = tomllib.loads((ROOT / "autograder" / "source" / "release.toml").read_text())
    ours = {name for name in release["copy"] if "publish" in name or "otter" in name.lower()}
    assert ours == {"autograder/publish/__init__.py", "autograder/publish/public_rules.py"}
