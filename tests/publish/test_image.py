"""The script that builds the image, with stand-ins for apt and Python: nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.publish.bench import ROOT

IN_ZIP = ROOT / "autograder" / "publish" / "in_zip"
NOTES = '#!/bin/sh\necho "$(basename "$0") $*" >>"$LOG"\n'
MAKES_VENV = """[ "$1 $2" != "-m venv" ] && exit
mkdir -p "$3/bin"
cp "$0" "$3/bin/python"
cp "$0" "$3/bin/pip"
"""
NO_312 = 'case "$*" in *python3.12*) [ -f "$LOG.ppa" ] || exit 100;; esac\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The unpacked zip, as far as the script looks at it, below a folder like /autograder."""
    source = tmp_path / "autograder" / "source"
    (source / "engine").mkdir(parents=True)
    shutil.copy(IN_ZIP / "setup.sh", source)
    shutil.copy(ROOT / "requirements.txt", source / "engine")
    return source


def build(source: Path, tmp_path: Path, has_python: bool) -> list[str]:
    """Run the script; gives the commands that it ran, in order."""
    commands = {
        "apt-get": NOTES + NO_312 * (not has_python),
        "add-apt-repository": NOTES + 'touch "$LOG.ppa"\n',
        "python3.12": NOTES + MAKES_VENV,
    }
    fakes, log = tmp_path / "bin", tmp_path / "log"
    fakes.mkdir()
    for name, text in commands.items():
        (fakes / name).write_text(text)
        (fakes / name).chmod(0o755)
    environment = {"PATH": f"{fakes}:{os.environ['PATH']}", "LOG": str(log)}
    ended = subprocess.run(
        ["bash", source / "setup.sh"], env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    return log.read_text().splitlines()


@pytest.mark.parametrize("has_python", [True, False])
def test_python_is_had_from_the_system_or_from_deadsnakes(
    source: Path, tmp_path: Path, has_python: bool
) -> None:
    commands = build(source, tmp_path, has_python)
    assert any(one.startswith("add-apt-repository") for one in commands) is not has_python
    assert [one for one in commands if one.startswith("apt-get install")][-1].count("python3.12")


def test_torch_comes_for_cpus_before_the_rest_and_otter_has_a_place_of_its_own(
    source: Path, tmp_path: Path
) -> None:
    installs = [one for one in build(source, tmp_path, True) if one.startswith("pip install")]
    torch, rest, otter = installs
    assert "whl/cpu --no-deps torch==" in torch
    assert rest == f"pip install -r {source}/engine/requirements.txt"
    assert otter == f"pip install --no-deps -r {source}/requirements-otter.txt"
    place = source.parent
    assert (place / "engine-venv" / "bin" / "python").is_file()
    run = (IN_ZIP / "run_autograder").read_text()
    assert "/autograder/otter-venv/bin/python" in run and (place / "otter-venv").is_dir()


def test_the_image_ends_by_importing_what_otter_will_import(source: Path, tmp_path: Path) -> None:
    assert build(source, tmp_path, True)[-1] == "python -c import autograder.publish.plugin"
