"""What `make classroom` writes: the same to the byte, and nothing that GitHub would refuse."""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from autograder.batch.classroom import bundle
from autograder.batch.classroom.bundle import HERE, BundleError, build_bundle, packed
from autograder.cli import classroom
from autograder.cli.grading import ROOT
from autograder.rubric.load import load_course
from tests.batch.bench import make_root


def test_a_tree_is_packed_the_same_way_each_time(tmp_path: Path) -> None:
    for name in ("b/two.txt", "a/one.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    first = packed(tmp_path)
    (tmp_path / "a" / "one.txt").touch()
    assert packed(tmp_path) == first
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        assert tar.getnames() == ["a/one.txt", "b/two.txt"]


@pytest.mark.parametrize(
    ("assignment", "labels", "stages"),
    [
        ("Lab One", ["ubuntu-latest"], []),
        ("../lab", ["ubuntu-latest"], []),
        ("lab", [], []),
        ("lab", ["x\ninjected: y"], []),
        ("lab", ["a"] * 11, []),
        ("lab", ["ubuntu-latest"], [99]),
    ],
)
def test_names_that_classroom50_refuses_are_refused_here(
    assignment: str,
    labels: list[str],
    stages: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def built(root: Path, tree: Path, git: bool) -> list[str]:
        make_root(tree)
        return []

    monkeypatch.setattr(bundle, "build_release", built)
    with pytest.raises(BundleError):
        build_bundle(ROOT, tmp_path / "out", assignment, labels, stages)
    assert not (tmp_path / "out").exists()


def test_the_bundle_says_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def built(root: Path, tree: Path, git: bool) -> list[str]:
        make_root(tree)
        return []

    monkeypatch.setattr(bundle, "build_release", built)
    out = tmp_path / "out"
    arguments = [str(out), "--runs-on", "self-hosted, gpu", "--stage", "90"]
    assert classroom.main(arguments) == 0
    about = json.loads((out / "pagedlab" / "suite.json").read_text())
    most = sum(load_course(make_root(tmp_path / "root") / "assignments").stages[0].cells.values())
    assert (about["most"], about["stages"]) == (most * 100, [90])
    assert json.loads((out / "runtime.json").read_text()) == {"runs-on": ["self-hosted", "gpu"]}
    assert "hundredths" in (out / "README.md").read_text()
    assert classroom.main(arguments) == 2, "the place is taken"


def test_a_tree_that_leaks_is_no_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "build_release", lambda *_, **__: ["oracle.py: hidden"])
    assert classroom.main([str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: make setup")
    parsed = yaml.safe_load((HERE / "grade.yml").read_text())
    assert isinstance(parsed, dict)
    return parsed


def test_the_workflow_may_read_the_code_and_nothing_else(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert "permissions" not in job and job["timeout-minutes"] <= 30
    # YAML 1.1 reads `on` as true. What strangers can start, such as pull_request_target, is not in.
    assert set(workflow[True]) == {"push", "workflow_dispatch"}
    assert job["steps"][0]["with"] == {"persist-credentials": False}


def test_every_action_is_pinned_by_its_commit_and_says_of_which_release() -> None:
    lines = re.findall(r"uses: (.*)", (HERE / "grade.yml").read_text())
    assert len(lines) == 3
    for line in lines:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line)


def test_no_step_puts_anything_into_a_command_that_a_student_can_choose(
    workflow: dict[Any, Any],
) -> None:
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert len(commands) == 3 and not any("${{" in command for command in commands)
