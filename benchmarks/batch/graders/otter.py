"""otter-grader without docker: `otter run`, the path that Gradescope runs, and its Python API."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.batch.graders import Graded, Verdict
from benchmarks.batch.measure import Done, run
from benchmarks.batch.plain import CHECKS
from benchmarks.batch.submissions import Submission
from benchmarks.batch.venvs import make_venv, version_of

TEST = """from otter.test_files import test_case

from shared import checks

OK_FORMAT = False
name = "{rule}"
points = 1


@test_case(points=1)
def test_rule(Slots):
    checks.hold(Slots, "{rule}")
"""
PATIENCE, SHORT = 240, 20
"""Seconds. otter itself never gives up: whatever can hang is killed by the script."""
LOOP = """
import json, sys
from pathlib import Path
from otter.api import grade_submission

for file in sorted(Path("submissions").glob("*.py")):
    try:
        results = grade_submission(str(file), "autograder.zip", quiet=True)
        passed = [name for name, one in results.results.items() if one.passed_all]
        Path("out", f"{file.stem}.json").write_text(json.dumps(passed))
    except Exception as error:
        print(file.stem, type(error).__name__, error)
"""


class OtterRun:
    """One `otter run` for each submission, as many at once as there are cores."""

    title = f"otter-grader {version_of('otter', 'otter-grader')} `otter run`"

    def prepare(self, place: Path) -> None:
        """Install it, and build the autograder's zip."""
        self._bin = make_venv(place / "venvs", "otter")
        build = place / "otter"
        tests = build / "tests"
        tests.mkdir(parents=True, exist_ok=True)
        for rule in ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6"):
            text = TEST.format(rule=rule)
            (tests / f"rule_{rule.replace('.', '_')}.py").write_text(text, encoding="utf-8")
        (build / "shared").mkdir(exist_ok=True)  # one Python file may lie at the top: the student's
        (build / "shared" / "checks.py").write_bytes(CHECKS.read_bytes())
        command = [
            self._bin / "otter",
            "generate",
            "-t",
            "tests",
            "-o",
            "autograder.zip",
            "shared/checks.py",
        ]
        done = run(command, build, environment=self._environment)
        (zipped,) = build.glob("*.zip") or [None]
        if zipped is None:
            raise RuntimeError(f"no autograder was built:\n{done.said}")
        self._zip = zipped

    def grade(self, submissions: Sequence[Submission], place: Path) -> Graded:
        """Grade a class."""
        self._lay_out(submissions, place)
        names = place / "names"
        names.write_text("".join(f"{one.name}\n" for one in submissions), encoding="utf-8")
        seconds = SHORT if any("hangs" in one.name for one in submissions) else PATIENCE
        each = ["timeout", "-k", "1", str(seconds), self._bin / "otter", "run", "--no-logo"]
        each += ["submissions/{}.py", "-a", "autograder.zip", "-o", "out/{}"]
        parallel = ["xargs", "-a", "names", "-P", str(os.cpu_count() or 1), "-I", "{}"]
        done = run([*parallel, *each], place, environment=self._environment)
        verdicts = {one.name: self._read(place / "out" / one.name) for one in submissions}
        return Graded(verdicts, done.cost)

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": f"{self._bin}:{os.environ['PATH']}"}

    def _lay_out(self, submissions: Sequence[Submission], place: Path) -> None:
        for folder in ("submissions", *(f"out/{one.name}" for one in submissions)):
            (place / folder).mkdir(parents=True)
        for one in submissions:
            (place / "submissions" / f"{one.name}.py").write_text(one.text, encoding="utf-8")
        (place / "autograder.zip").write_bytes(self._zip.read_bytes())

    def _read(self, out: Path) -> Verdict:
        try:
            results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        except OSError:
            return Verdict(None, "no result")
        tests = [one for one in results["tests"] if one["name"].startswith("1.")]
        passed = {one["name"].split()[0] for one in tests if one["score"] == one["max_score"]}
        return Verdict(frozenset(passed), "" if tests else "no test has a result")


class OtterApi(OtterRun):
    """`otter.api.grade_submission` for one after another, in one process."""

    title = f"otter-grader {version_of('otter', 'otter-grader')}, its API in a loop"

    def grade(self, submissions: Sequence[Submission], place: Path) -> Graded:
        """Grade a class."""
        self._lay_out(submissions, place)
        (place / "loop.py").write_text(LOOP, encoding="utf-8")
        seconds = float(PATIENCE * len(submissions))
        done = run([self._bin / "python", "loop.py"], place, seconds, self._environment)
        return Graded({one.name: _kept(place, one.name, done) for one in submissions}, done.cost)


def _kept(place: Path, name: str, done: Done) -> Verdict:
    file = place / "out" / f"{name}.json"
    if file.is_file():
        return Verdict(frozenset(json.loads(file.read_text(encoding="utf-8"))))
    return Verdict(None, "no result")
