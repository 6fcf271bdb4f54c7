"""results.json: the keys that gradebooks may rely on, and numbers that add up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from autograder.report.results import SCHEMA, results
from autograder.scoring.outcome import Status
from tests.report.bench import RUNS, half_finished_run, make_run
from tests.scoring.bench import HEADER

TOP = [
    *("schema", "score", "max", "visible_max", "undecided", "suite", "submission"),
    *("environment", "isolation", "lanes", "seed", "started", "seconds", "stages"),
]
STAGE = ["id", "name", "score", "max", "cells", "rules"]
CELL = ["score", "max", "visible_max", "undecided"]
RULE = [
    *("id", "title", "axis", "group", "visibility", "status", "points", "max"),
    *("seconds", "measured", "flag", "notes", "cause"),
]
CAUSE = [
    *("summary", "kind", "invariant", "program", "failing_line", "expected", "observed"),
    *("place", "notes", "imports"),
]


def document(name: str) -> Any:
    """The document as it is read from the file."""

    def refuse(constant: str) -> Any:
        raise ValueError(constant)

    return json.loads(json.dumps(results(RUNS[name]())), parse_constant=refuse)


@pytest.mark.parametrize("name", RUNS)
def test_the_keys_are_those_that_are_documented(name: str) -> None:
    data = document(name)
    assert list(data) == TOP and data["schema"] == SCHEMA
    for stage in data["stages"]:
        assert list(stage) == STAGE
        assert list(stage["cells"]) == ["correctness", "performance", "quality", "documentation"]
        assert all(list(cell) == CELL for cell in stage["cells"].values())
        for rule in stage["rules"]:
            assert list(rule) == RULE
            assert rule["status"] in set(Status)
            assert rule["cause"] is None or list(rule["cause"]) == CAUSE


@pytest.mark.parametrize("name", RUNS)
def test_numbers_add_up(name: str) -> None:
    data = document(name)
    for key in ("score", "max"):
        assert data[key] == pytest.approx(sum(stage[key] for stage in data["stages"]))
        for stage in data["stages"]:
            cells = stage["cells"].values()
            assert stage[key] == pytest.approx(sum(cell[key] for cell in cells))
    for stage in data["stages"]:
        for axis, cell in stage["cells"].items():
            inside = [rule for rule in stage["rules"] if rule["axis"] == axis]
            assert cell["score"] == pytest.approx(sum(r["points"] for r in inside), abs=0.05)
            assert cell["visible_max"] == pytest.approx(sum(r["max"] for r in inside), abs=0.05)


def test_undecided_points_are_told() -> None:
    data = document("grader_fault")
    open_rules = [r for stage in data["stages"] for r in stage["rules"] if r["status"] == "error"]
    assert data["undecided"] == pytest.approx(sum(rule["max"] for rule in open_rules), abs=0.02)
    assert data["undecided"] > 0 and all(rule["points"] == 0 for rule in open_rules)
    assert document("all_pass")["undecided"] == 0


def test_a_cause_is_told_whole() -> None:
    data = document("half_finished")
    (rule,) = [r for r in data["stages"][0]["rules"] if r["id"] == "1.8"]
    assert rule["cause"]["program"][-1] == "pool.free_blocks([a[0]])"
    assert rule["cause"]["failing_line"] == 3
    assert rule["cause"]["notes"][0].startswith("before")


def test_a_run_can_be_named_and_repeated() -> None:
    run, data = half_finished_run(), document("half_finished")
    assert data["seed"] == run.header.seed
    assert data["suite"] == {"id": run.header.suite, "hash": run.header.suite_hash}
    assert data["submission"]["hash"] == run.header.submission_hash


def test_lanes_are_told_with_why_one_is_not_there() -> None:
    header = replace(HEADER, lanes={"fast": "", "gpu": "no driver"})
    data = results(make_run(header=header))
    assert data["lanes"] == {"here": ["fast"], "missing": {"gpu": "no driver"}}
