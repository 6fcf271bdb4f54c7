"""The set-up, on a machine whose Pythons are stand-ins."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.doctor.bench import Bench

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "rm", "mv", "dirname")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(os.path.realpath(found))
    (tmp_path / "tree" / "autograder").mkdir(parents=True)
    shutil.copy(ROOT / "autograder" / "setup.sh", tmp_path / "tree" / "autograder")
    (tmp_path / "tree" / "requirements.txt").write_text("one==1.0\n")
    return Bench(tmp_path)


def one_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith("pagedlab: ")]
    assert len(lines) == 1, text
    return lines[0]


def test_no_python_at_all_is_one_line_and_exit_3(bench: Bench) -> None:
    ended = bench.set_up()
    assert ended.returncode == 3
    assert "Python 3.11 to 3.14" in one_line(ended.stderr)
    assert ended.stdout == ""


@pytest.mark.parametrize("version", [(3, 10, 9), (3, 15, 0), (3, 14, 1), (2, 7, 18)])
def test_an_unsuitable_python_is_refused(bench: Bench, version: tuple[int, int, int]) -> None:
    bench.add_python("python3", version)
    assert bench.set_up().returncode == 3


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 5), (3, 14, 0), (3, 14, 2)])
def test_every_suitable_version_is_taken(bench: Bench, version: tuple[int, int, int]) -> None:
    bench.add_python("python3", version)
    ended = bench.set_up()
    assert ended.returncode == 0, ended.stderr
    assert bench.stamp().read_text().startswith(f"python {version[0]}.{version[1]}\n")


def test_the_newest_suitable_python_is_taken(bench: Bench) -> None:
    bench.add_python("python3.12", (3, 12, 1))
    bench.add_python("python3.13", (3, 13, 0))
    bench.add_python("python3", (3, 11, 2))
    assert "with python3.13" in bench.set_up().stderr


def test_a_shim_that_does_not_run_is_passed_over(bench: Bench) -> None:
    shim = bench.home / "bin" / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    bench.add_python("python3.11", (3, 11, 7))
    assert "with python3.11" in bench.set_up().stderr


def test_a_python_without_ensurepip_is_passed_over_for_one_that_has_it(bench: Bench) -> None:
    bench.add_python("python3.13", (3, 13, 0), has_venv=False)
    bench.add_python("python3.12", (3, 12, 1))
    assert "with python3.12" in bench.set_up().stderr


def test_without_any_ensurepip_the_line_names_the_package_to_install(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 2), has_venv=False)
    ended = bench.set_up()
    assert ended.returncode == 3
    assert "apt install python3.11-venv" in one_line(ended.stderr)


def test_the_python_asked_for_is_taken(bench: Bench) -> None:
    bench.add_python("python3.13", (3, 13, 0))
    asked = bench.add_python("mine", (3, 12, 1))
    ended = bench.set_up(PYTHON=str(asked))
    assert f"with {asked} (Python 3.12)" in ended.stderr


def test_an_unsuitable_python_asked_for_is_not_replaced_in_silence(bench: Bench) -> None:
    bench.add_python("python3.13", (3, 13, 0))
    ended = bench.set_up(PYTHON="python9")
    assert ended.returncode == 3
    assert "PYTHON=python9" in one_line(ended.stderr)


def test_asking_for_another_version_makes_the_environment_anew(bench: Bench) -> None:
    bench.add_python("python3.13", (3, 13, 0))
    asked = bench.add_python("mine", (3, 12, 1))
    bench.set_up()
    assert bench.set_up(PYTHON=str(asked)).returncode == 0
    assert bench.stamp().read_text().startswith("python 3.12\n")


def test_the_second_run_does_and_says_nothing(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 7))
    assert bench.set_up().returncode == 0
    assert bench.installs() == ["-m pip install --no-input --quiet -r requirements.txt"]
    second = bench.set_up()
    assert (second.returncode, second.stderr, bench.installs()) == (0, "", [])


def test_other_pins_are_installed_into_the_same_environment(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 7))
    bench.set_up()
    (bench.home / "tree" / "requirements.txt").write_text("one==2.0\n")
    ended = bench.set_up()
    assert "Keeping .venv" in ended.stderr
    assert len(bench.installs()) == 1


def test_a_python_replaced_under_the_environment_is_noticed(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 7))
    bench.set_up()
    role = bench.home / "tree" / ".venv" / "bin" / "fake.json"
    role.write_text(json.dumps({**json.loads(role.read_text()), "version": (3, 13, 0)}))
    assert len(bench.set_up().stderr.splitlines()) > 1
    assert bench.stamp().read_text().startswith("python 3.13\n")


def test_a_failed_install_is_not_trusted_and_the_next_run_goes_on(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 7))
    (bench.home / "pip-fails").touch()
    ended = bench.set_up()
    assert ended.returncode == 3
    assert "run the same command again" in one_line(ended.stderr)
    assert not bench.stamp().exists()
    (bench.home / "pip-fails").unlink()
    again = bench.set_up()
    assert again.returncode == 0
    assert "Keeping .venv" in again.stderr
    assert len(bench.installs()) == 1


def test_pins_that_changed_are_not_trusted_until_they_are_installed(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 7))
    bench.set_up()
    before = (bench.home / "tree" / "requirements.txt").read_text()
    (bench.home / "tree" / "requirements.txt").write_text("one==2.0\n")
    (bench.home / "pip-fails").touch()
    assert bench.set_up().returncode == 3
    # Back to the old pins: the environment may hold half of the new ones.
    (bench.home / "tree" / "requirements.txt").write_text(before)
    (bench.home / "pip-fails").unlink()
    assert bench.set_up().returncode == 0
    assert len(bench.installs()) == 1


def test_a_damaged_package_is_installed_again(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 7))
    (bench.home / "damaged").write_text("one==1.0\ntwo==2.0\n")
    assert bench.set_up().returncode == 0
    assert bench.installs()[1].endswith("--ignore-installed --no-deps one==1.0 two==2.0")


def test_what_stays_damaged_is_not_trusted(bench: Bench) -> None:
    bench.add_python("python3", (3, 11, 7))
    (bench.home / "damaged").write_text("one==1.0\n")
    (bench.home / "stays-damaged").touch()
    ended = bench.set_up()
    assert ended.returncode == 3
    assert "one==1.0" in one_line(ended.stderr)
    assert not bench.stamp().exists()


def test_the_best_python_is_named_without_making_anything(bench: Bench) -> None:
    bench.add_python("python3.12", (3, 12, 1))
    assert bench.set_up("--interpreter").stdout == "python3.12\n"
    assert not (bench.home / "tree" / ".venv").exists()
    bench.set_up()
    assert bench.set_up("--interpreter").stdout == ".venv/bin/python\n"
