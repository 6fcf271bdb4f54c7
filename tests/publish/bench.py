"""Reports of a small stage, made without grading, and Gradescope's own rules for a document."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.publish.of_run import report_of
from autograder.publish.report import Report
from autograder.report.run import Run
from autograder.scoring.outcome import Cause, Outcome, Status
from autograder.scoring.score import score_run
from tests.batch.exports.bench import HEADER, make_run

ROOT = Path(__file__).resolve().parents[2]
OTTER = ROOT / ".venv-otter" / "bin" / "python"
HIDDEN = "90.10"
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


def some_report(path: Path, lost: Collection[str] = (HIDDEN,), fault: str = "") -> Report:
    """The report of a run in which some rules are lost, and one may be undecided."""
    run = make_run(path, set(lost), {HIDDEN})
    return report_of(with_fault(run, fault) if fault else run, ["a note"])


def with_fault(run: Run, rule: str) -> Run:
    """The same run, but for a fault of the grader in one rule."""
    outcomes = []
    for one in run.rules():
        fault = one.rule.id == rule
        status = Status.ERROR if fault else one.status
        cause = Cause("broke down", "grader") if fault else one.cause
        share = one.points / one.maximum if one.maximum and not fault else Fraction(0)
        measured = {"amount": 1.0} if one.rule.id == "90.P1" else {}
        if one.rule.check != "human":
            outcomes.append(Outcome(one.rule.id, status, share, cause=cause, measured=measured))
    return replace(run, stages=score_run(run.course, HEADER.stages, outcomes))


def gradescope_errors(document: Any) -> list[str]:
    """What Gradescope's specification (docs/specs.md of autograder_samples) does not allow."""
    number, text = (int, float), str
    top = {
        "score": number,
        "execution_time": number,
        "output": text,
        "output_format": FORMATS,
        "test_output_format": FORMATS,
        "test_name_format": FORMATS,
        "visibility": VISIBILITIES,
        "stdout_visibility": VISIBILITIES,
        "extra_data": dict,
        "tests": list,
        "leaderboard": list,
    }
    test = {
        "score": number,
        "max_score": number,
        "status": {"passed", "failed"},
        "name": text,
        "name_format": FORMATS,
        "number": text,
        "output": text,
        "output_format": FORMATS,
        "tags": list,
        "visibility": VISIBILITIES,
        "extra_data": dict,
    }
    entry = {"name": text, "value": (int, float, str), "order": {"asc", "desc"}}
    errors = _misfits("top", document, top)
    tests = document.get("tests", [])
    for one in tests:
        errors += _misfits(one.get("name", "test"), one, test)
        errors += [f"tag {tag!r}" for tag in one.get("tags", []) if not isinstance(tag, str)]
    for one in document.get("leaderboard", []):
        errors += _misfits("leaderboard", one, entry)
        errors += [f"leaderboard lacks {key}" for key in ("name", "value") if key not in one]
    if "score" not in document and not any("score" in one for one in tests):
        errors.append("no score, neither at the top nor on a test")
    return errors


def _misfits(place: str, found: dict[str, Any], allowed: dict[str, Any]) -> list[str]:
    errors = [f"{place}: unknown field {name}" for name in found.keys() - allowed.keys()]
    for name, value in found.items():
        wanted = allowed.get(name, object)
        fits = value in wanted if isinstance(wanted, set) else isinstance(value, wanted)
        if not fits or isinstance(value, bool):
            errors.append(f"{place}: {name} is {value!r}")
    return errors


def fake_engine(place: Path, body: str) -> None:
    """An engine that does what `body` says; `sent`, `out` and `arguments` are at hand."""
    package = place / "source" / "engine" / "autograder" / "publish"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "engine.py").write_text(
        "import json, pathlib, sys\n"
        "sent, out, *arguments = sys.argv[1:]\n"
        "sent, out = pathlib.Path(sent), pathlib.Path(out)\n" + body,
        encoding="utf-8",
    )


PYTHON = sys.executable
