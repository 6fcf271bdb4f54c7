"""Runs in otter's Python: does what a test asks for on stdin, and says what came of it."""

from __future__ import annotations

import json
import os
import pickle
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from otter.generate import main as otter_generate
from otter.run import AutograderConfig
from otter.test_files import GradingResults

from autograder.publish import grading_results as ours
from autograder.publish.call import EngineFault
from autograder.publish.plugin import PagedLab
from autograder.publish.report import from_json
from autograder.publish.run_with_otter import summary


def round_trip(report: Any) -> dict[str, Any]:
    """To otter, through its pickle, and back: with our data, changed by others, and without it."""
    results = pickle.loads(pickle.dumps(ours.to_grading_results(from_json(report))))
    held, document = summary(results), results.to_gradescope_dict(AutograderConfig({}))
    back = ours.from_grading_results(results).to_json()
    first = next(iter(results.results))
    results.update_score(first, results.get_score(first) + 0.25)
    changed = ours.from_grading_results(results).to_json()
    published = results.to_gradescope_dict(AutograderConfig({}))
    bare = GradingResults(list(results.results.values()))
    return {
        "held": held,
        "document": document,
        "back": back,
        "changed": changed,
        "published": published,
        "bare": ours.from_grading_results(bare).to_json(),
    }


def after_a_crash(report: Any) -> dict[str, Any]:
    """Results of a kernel that gave none, filled by the plugin."""
    results = GradingResults.without_results(RuntimeError("no pickle"))
    ours.fill(results, from_json(report))
    return {**summary(results), "failed": results.has_catastrophic_failure()}


def generated(_: Any) -> list[str]:
    """The names of what `otter generate` puts at the top of its zip."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("tests").mkdir()
        Path("tests", "q.py").write_text("OK_FORMAT = False\nname = 'q'\n")
        otter_generate(no_requirements=True, no_environment=True, no_config=True)
        with zipfile.ZipFile("autograder.zip") as archive:
            names = archive.namelist()
        os.chdir("/")
    return names


def refused(tops: list[list[str]]) -> list[str]:
    """What the plugin says of submissions with these files at their top."""
    said = []
    for names in tops:
        with tempfile.TemporaryDirectory() as folder:
            submission = Path(folder, "submission")
            for name in names:
                (submission / name).parent.mkdir(parents=True, exist_ok=True)
                (submission / name).touch()
            notebook = sorted(submission.glob("*.ipynb"))[0]
            try:
                PagedLab(str(notebook), {}, {}).before_grading(None)
            except EngineFault as fault:
                said.append(str(fault))
    return said


def hidden(report: Any) -> Any:
    """Gradescope's document after a plugin has hidden everything and said why."""
    results = ours.to_grading_results(from_json(report))
    results.set_output("too many submissions today")
    results.hide_everything()
    return results.to_gradescope_dict(AutograderConfig({}))


WORK = {
    "hidden": hidden,
    "refused": refused,
    "round_trip": round_trip,
    "after_a_crash": after_a_crash,
    "generated": generated,
}

if __name__ == "__main__":
    print(json.dumps({name: WORK[name](value) for name, value in json.load(sys.stdin).items()}))
