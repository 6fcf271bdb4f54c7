"""The bundle and the workflow, run here as GitHub would run them, in the students' own tree.

GitHub itself, a runner of one's own and its GPU are not tried.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.batch.classroom.bundle import HERE, build_bundle
from autograder.cli.grading import ROOT
from autograder.source.release import build_release
from tests.batch.exports.classroom50_reader import refused

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

IDENTITY = {
    "CLASSROOM": "cs",
    "ASSIGNMENT": "lab",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "ada-l",
    "SUBMISSION_TAG": "submit/2026-11-01T10-00-00Z-abc1234",
    "COMMIT_URL": "https://github.test/o/cs-lab-ada-l/commit/abc1234",
    "RELEASE_URL": "https://github.test/o/cs-lab-ada-l/releases/tag/1",
}
EXPECTED = {name.lower(): text for name, text in IDENTITY.items()}
TOKEN = "ghs_this_is_the_jobs_token"
HOSTILE = '''"""Wants to be seen as more than it is."""
import os, sys
print("::error::a command to the runner")
print("::set-output name=status::success", file=sys.stderr)
for name in ("result.json", "/tmp/result.json"):
    try:
        open(name, "w").write('{"score": 100}')
    except OSError:
        pass
raise ValueError("::stop-commands::x " + "`" * 9 + " <img src=x> " + str(dict(os.environ)))
'''


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("release") / "student"
    assert build_release(ROOT, tree) == []
    return tree


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_bundle(
        ROOT, tmp_path_factory.mktemp("bundle") / "out", "lab", ["self-hosted"], [1]
    )


@pytest.fixture
def checkout(release: Path, tmp_path: Path) -> Path:
    """A clone of what students are given: at first it is the starter."""
    subprocess.run(["git", "clone", "-q", release, tmp_path / "clone"], check=True)
    return tmp_path / "clone"


def autograded(bundle: Path, checkout: Path) -> subprocess.CompletedProcess[str]:
    """As Classroom 50's runner does it."""
    environment = {
        **os.environ,
        **IDENTITY,
        "GITHUB_TOKEN": TOKEN,
        "PAGEDLAB_PYTHON": str(ROOT / ".venv" / "bin" / "python"),
    }
    return subprocess.run(
        ["python3", str(bundle / "autograder.py")],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
    )


def result_in(checkout: Path) -> dict[str, object]:
    result = json.loads((checkout / "result.json").read_text())
    assert refused(result, EXPECTED) == ""
    assert isinstance(result, dict)
    return result


def test_the_reference_gets_every_visible_point(bundle: Path, checkout: Path) -> None:
    shutil.copytree(ROOT / "reference", checkout, dirs_exist_ok=True)
    ended = autograded(bundle, checkout)
    assert ended.returncode == 0, ended.stderr
    result = result_in(checkout)
    most = json.loads((bundle / "suite.json").read_text())["most"]
    assert result["score"] == result["max-score"] == most
    tests = result["tests"]
    assert isinstance(tests, list) and all(test["passed"] for test in tests)
    assert sum(test["score"] for test in tests) == most
    assert "| 1 Block allocator |" in (checkout / "release-body.md").read_text()
    assert "default-src 'none'" in (checkout / "report.html").read_text()


def test_the_starter_gets_nothing_and_is_graded(bundle: Path, checkout: Path) -> None:
    ended = autograded(bundle, checkout)
    result = result_in(checkout)
    assert ended.returncode == 0 and result["score"] == 0
    tests = result["tests"]
    assert isinstance(tests, list) and not any(test["passed"] for test in tests)


def test_a_hostile_submission_reaches_neither_the_runner_nor_the_result(
    bundle: Path, checkout: Path, tmp_path: Path
) -> None:
    (checkout / "pagedlab" / "block_pool.py").write_text(HOSTILE)
    kept = tmp_path / "kept"
    kept.write_text("what a link leads to")
    (checkout / "result.json").symlink_to(kept)
    (checkout / "report.html").mkdir()
    (checkout / "autograder" / "cli" / "grade.py").write_text("raise SystemExit(0)\n")
    ended = autograded(bundle, checkout)
    assert ended.returncode == 0, ended.stderr
    assert result_in(checkout)["score"] == 0
    assert kept.read_text() == "what a link leads to"
    body = (checkout / "release-body.md").read_text()
    places = (ended.stdout, ended.stderr, body, (checkout / "report.html").read_text())
    assert not any(TOKEN in text for text in places)
    for text in (ended.stdout, ended.stderr):
        assert not any(line.startswith("::") for line in text.splitlines())
    fence, _, rest = body.partition("text\n")
    assert "<img" not in fence, "before the block there is nothing of theirs"
    block = rest.split("\n" + fence.splitlines()[-1])[0]
    assert "<img" in block and "<img" not in rest.replace(block, "")


def test_a_checkout_without_a_submission_is_a_zero_that_says_why(
    bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "README.md").write_text("nothing yet")
    assert autograded(bundle, tmp_path).returncode == 0
    result = result_in(tmp_path)
    assert result["score"] == 0 and result["max-score"] != 0
    assert "no folder pagedlab/" in (tmp_path / "release-body.md").read_text()


def test_what_is_not_the_students_fault_is_no_result(
    bundle: Path, checkout: Path, tmp_path: Path
) -> None:
    other = tmp_path / "bundle"
    shutil.copytree(bundle, other)
    with (other / "suite.tar.gz").open("ab") as archive:
        archive.write(b"torn")
    ended = autograded(other, checkout)
    assert ended.returncode == 1 and "publish both anew" in ended.stderr
    assert not (checkout / "result.json").exists()


def test_the_steps_of_the_workflow_grade_a_clone_and_show_the_result(
    checkout: Path, tmp_path: Path
) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: make setup")
    shutil.copytree(
        ROOT / "examples" / "submissions" / "half_finished", checkout, dirs_exist_ok=True
    )
    installed_before(checkout)
    (job,) = yaml.safe_load((HERE / "grade.yml").read_text())["jobs"].values()
    page = tmp_path / "summary.md"
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(page)}
    said = ""
    for step in job["steps"]:
        if "run" in step:
            # As GitHub runs a step that names no shell.
            script = tmp_path / "step.sh"
            script.write_text(step["run"])
            ended = subprocess.run(
                ["bash", "-e", script],
                cwd=checkout,
                env={**environment, **step.get("env", {})},
                capture_output=True,
                text=True,
            )
            assert ended.returncode == 0, ended.stderr
            said += ended.stdout
    assert "points visible here" in said
    assert not any(line.startswith("::") for line in said.splitlines())
    shown = page.read_text()
    assert "| 1 Block allocator |" in shown and "Fix this first" in shown
    upload = job["steps"][-1]["with"]["path"].split()
    assert all((checkout / name).is_file() for name in upload)


def installed_before(checkout: Path) -> None:
    """Lets `make setup` find everything in place: packages are not what is tried here."""
    venv = checkout / ".venv"
    venv.mkdir()
    for part in (ROOT / ".venv").iterdir():
        if part.name != "pagedlab-installed.txt":
            (venv / part.name).symlink_to(part)
    version = subprocess.run(
        [venv / "bin" / "python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    wanted = f"python {version}\n{(checkout / 'requirements.txt').read_text()}"
    (venv / "pagedlab-installed.txt").write_text(wanted)
