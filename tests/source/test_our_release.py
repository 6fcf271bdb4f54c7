"""This repository's own release: a student's tree that stands alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.cli.release import ROOT, main
from autograder.rubric.load import load_course
from autograder.rubric.model import Axis
from tests.source.trees import files

VERBS = ("check", "debug", "doctor", "grade", "hint")
missing = [verb for verb in VERBS if not (ROOT / "autograder" / "cli" / f"{verb}.py").is_file()]
pytestmark = pytest.mark.skipif(
    bool(missing), reason=f"nothing to release yet: no autograder/cli/{{{','.join(missing)}}}.py"
)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release") / "students"
    assert main([str(out)]) == 0, "see the captured output: `make release OUT=dir` shows the same"
    return out


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # -B: a release stays as it was built.
    command = [sys.executable, "-B", *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=100)


def test_our_release_has_the_submission_at_its_root_and_no_hidden_folder(released: Path) -> None:
    paths = files(released)
    assert {path.split("/")[0] for path in paths} == {
        *(".gitignore", "Makefile", "README.md", "assignments", "autograder", "design.toml"),
        *("kernel_lanes", "language_model", "pagedlab", "requirements.txt", "rubric.md"),
        *("server", "tests"),
    }
    assert {"pagedlab/block_pool.py", "tests/test_block_pool.py", "design.toml"} <= set(paths)
    stage = {path.split("/", 2)[2] for path in paths if path.startswith("assignments/1_")}
    assert {"README.md", "stage.toml", "driver.py", "language.py", "contract.py"} <= stage
    assert not re.search(
        r"oracle|chaff|wheat|hidden/|instructor|^reference|^starter", " ".join(paths)
    )


def test_our_release_imports(released: Path) -> None:
    assert run(released, "-c", "import pagedlab").returncode == 0


def test_our_release_keeps_the_weight_of_every_cell(released: Path) -> None:
    ours, theirs = load_course(ROOT / "assignments"), load_course(released / "assignments")
    for before, after in zip(ours.stages, theirs.stages, strict=True):
        assert all(rule.visible for rule in after.rules)
        for axis in Axis:
            visible = sum(rule.weight for rule in after.cell(axis))
            total = sum(rule.weight for rule in before.cell(axis))
            assert Fraction(visible + after.hidden_weight.get(axis, 0), total) == 1


def test_every_link_of_our_release_leads_somewhere(released: Path) -> None:
    for document in released.rglob("*.md"):
        for target in links(document):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def links(document: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "#")):
            yield target.partition("#")[0]


def _lane_is_missing(rule: Any) -> bool:
    """True if this machine cannot decide a rule: that is nobody's doing."""
    return bool(rule["cause"]) and bool(rule["cause"]["kind"] == "lane")


def test_the_starter_in_our_release_gets_nothing_and_every_tested_rule_is_not_attempted(
    released: Path,
) -> None:
    done = run(released, "-m", "autograder", "grade", ".", "--json")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert results["score"] == 0 and results["stages"]
    for stage in results["stages"]:
        axes = (Axis.CORRECTNESS, Axis.PERFORMANCE)
        tested = [r for r in stage["rules"] if r["axis"] in axes and not _lane_is_missing(r)]
        assert {rule["status"] for rule in tested} == {"not_attempted"}, tested
        assert stage["cells"]["correctness"]["score"] == 0
