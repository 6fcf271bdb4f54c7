"""The zip under `otter run`, and the engine under `make grade`: the same, rule by rule?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.publish.call import PYTHON
from autograder.source.attacks import Attack, build_attack

OTTER = Path(".venv-otter", "bin", "python")


class NoOtter(Exception):
    """otter is not installed. One line: what to do."""


class RunFailed(Exception):
    """One of the two gave no results. One line."""


@dataclass(frozen=True)
class Case:
    """A submission to hold the two against each other with.

    Attributes:
        unsure: ids of rules that chance decides, left out of the comparison.
    """

    name: str
    folder: Path
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parity:
    """What the two said of one submission.

    Attributes:
        differences: one line each; none if the two agree.
    """

    case: Case
    rules: int
    otter: float
    engine: float
    statuses: Mapping[str, int]
    differences: tuple[str, ...]


def known_cases(root: Path) -> list[Case]:
    """The submissions whose grades are known beforehand."""
    example = root / "examples" / "submissions" / "half_finished"
    named = {"reference": root / "reference", "starter": root / "starter", "example": example}
    return [Case(name, folder) for name, folder in named.items()]


def attack_cases(root: Path, attacks: Collection[Attack], scratch: Path) -> Iterator[Case]:
    """Hostile submissions, written below `scratch` as they are asked for."""
    for attack in attacks:
        folder = scratch / attack.id
        folder.mkdir(parents=True)
        build_attack(attack, root / "reference", folder)
        yield Case(attack.id, folder, attack.unsure)


def compare(root: Path, autograder: Path, case: Case, scratch: Path) -> Parity:
    """Grade a submission both ways, with the seed that the zip gives it.

    Args:
        root: of this repository.
        autograder: the zip.
        case: the submission.
        scratch: a folder of this comparison alone.

    Raises:
        NoOtter: `.venv-otter` is not there.
        RunFailed: otter or the engine gave no results.
    """
    held, written = otter_results(root, autograder, packed(case.folder, scratch), scratch)
    stages = sorted({int(name.partition(".")[0]) for name in held["rules"]})
    command = [sys.executable, "-m", "autograder", "grade", str(case.folder), "--json"]
    options = [f"--stage={stage}" for stage in stages]
    options += [f"--seed={written['extra_data']['seed']}", f"--out={scratch / 'engine'}"]
    engine = _json_of([*command, *options], root)
    rules = [rule for stage in engine["stages"] for rule in stage["rules"] if rule["max"]]
    statuses: dict[str, int] = {}
    for rule in rules:
        statuses[rule["status"]] = statuses.get(rule["status"], 0) + 1
    found = (*_differences(case, held, rules), *_document_differences(case, written, rules))
    if not case.unsure and (held["total"], written["score"]) != (engine["score"],) * 2:
        found += (f"total: otter {held['total']}, engine {engine['score']}",)
    return Parity(case, len(rules), held["total"], engine["score"], statuses, found)


def packed(folder: Path, scratch: Path) -> Path:
    """The submission zipped with its folder: otter deletes a `tests/` that is at the top."""
    file = scratch / "submission.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for one in sorted(folder.rglob("*")):
            if one.is_file() and "__pycache__" not in one.parts:
                archive.write(one, Path("submission", one.relative_to(folder)))
    return file


def otter_results(
    root: Path, autograder: Path, submission: Path, out: Path
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `otter run` holds, and the results.json that it wrote.

    Raises:
        NoOtter: `.venv-otter` is not there.
        RunFailed: otter gave no results.
    """
    if not (root / OTTER).is_file():
        raise NoOtter("otter is not installed: run `make otter`")
    command = [str(root / OTTER), "-m", "autograder.publish.run_with_otter"]
    paths = [str(path.resolve()) for path in (autograder, submission, out)]
    held = _json_of([*command, *paths], root, {PYTHON: sys.executable})
    return held, json.loads((out / "results.json").read_text("utf-8"))


def _differences(case: Case, held: Mapping[str, Any], rules: list[Any]) -> Iterator[str]:
    """What otter's GradingResults and the engine's results.json say differently."""
    if list(held["rules"]) != [rule["id"] for rule in rules]:
        yield "not the same rules in the same order"
    for rule in rules:
        if rule["id"] in case.unsure or rule["id"] not in held["rules"]:
            continue
        undecided = rule["status"] == "error"
        expected = {
            "points": rule["points"],
            "possible": 0.0 if undecided else rule["max"],
            "hidden": rule["visibility"] == "hidden",
            "passed": rule["status"] == "pass",
        }
        if held["rules"][rule["id"]] != expected:
            yield f"{rule['id']}: otter {held['rules'][rule['id']]}, engine {expected}"


def _document_differences(case: Case, written: Mapping[str, Any], rules: list[Any]) -> list[str]:
    """The same of the results.json for Gradescope, where hidden rules have no id."""
    tests = written["tests"]
    if len(tests) != len(rules):
        return [f"results.json: {len(tests)} tests, {len(rules)} rules"]
    differ = []
    for rule, test in zip(rules, tests, strict=True):
        visible = rule["visibility"] == "visible"
        said = test["visibility"] == "visible", test["name"].startswith(f"{rule['id']} ")
        points = test.get("score"), test.get("max_score")
        expected = (None, None) if rule["status"] == "error" else (rule["points"], rule["max"])
        if said != (visible, visible) or (points != expected and rule["id"] not in case.unsure):
            differ.append(f"results.json, {rule['id']}: {said} {points}, engine {expected}")
    return differ


def _json_of(command: list[str], root: Path, more: Mapping[str, str] | None = None) -> Any:
    environment = {**os.environ, **(more or {})}
    ended = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    try:
        return json.loads(ended.stdout)
    except ValueError:
        said = ended.stderr.strip().splitlines()
        raise RunFailed(f"{command[2]}: {said[-1] if said else 'no output'}") from None
