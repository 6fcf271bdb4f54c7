"""One report about one file: from its own code to a terminal, a page and data."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kernel_lanes.facts import CaptureFacts, KernelFacts
from kernel_lanes.record import ArrayTraffic, LaunchRecord, Record
from kernel_lanes.report.data import Check, Report, Served
from kernel_lanes.report.findings import findings
from kernel_lanes.report.page import page
from kernel_lanes.report.terminal import render
from kernel_lanes.shapes import COUNTED
from kernel_lanes.traffic import minimum
from tests.kernels.child import HERE, ROOT

pytestmark = pytest.mark.timeout(300)  # children that import torch, on a busy machine


def reported(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the report on a file."""
    command = [sys.executable, "-m", "kernel_lanes", str(file), *arguments]
    env = {**os.environ, "XDG_CACHE_HOME": str(file.parent), "TRITON_HOME": str(file.parent)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=280)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The data and the page of a right kernel's report."""
    folder = tmp_path_factory.mktemp("report")
    file = folder / "attention.py"
    file.write_text((HERE / "paged.py").read_text(encoding="utf-8"), encoding="utf-8")
    done = reported(file, "--json", "--targets", "sm_80", "--html", str(folder / "out.html"))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), (folder / "out.html").read_text(encoding="utf-8")


def test_every_lane_of_a_right_kernel_has_run(run: tuple[dict[str, Any], str]) -> None:
    data, _ = run
    assert data["schema"] == "kernel_lanes.report/1"
    lanes = {name: why for name, why in data["lanes"].items() if name != "GPU"}
    assert set(lanes.values()) == {""} and data["lanes"]["GPU"].startswith("not run")
    assert len(data["checks"]) == 15 and len(data["counted"]) == 4 and len(data["served"]) == 4
    for check in (*data["checks"], *data["counted"]):
        assert not check["problem"] and check["error"] <= check["allowed"], check
    for served in data["served"]:
        assert not served["problem"] and not served["finite"]
        assert [one["error"] for one in served["kernels"]] == [""]


def test_the_page_needs_nothing_else(run: tuple[dict[str, Any], str]) -> None:
    _, html = run
    assert "default-src 'none'" in html
    assert not re.search(r"<script|src=|href=|@import|url\(", html)
    for words in ("Occupancy", "Machine code", "Traffic against the minimum", "sm_80"):
        assert words in html


def test_a_file_that_cannot_be_looked_at_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "attention.py"
    assert "there is no file" in reported(file).stderr
    file.write_text("import sys\nsys.exit(3)\n", encoding="utf-8")
    done = reported(file)
    assert done.returncode == 2 and "attention.py:2: SystemExit" in done.stderr


def record_of(shape: int, times: int) -> Record:
    """A run that reads the whole cache so often."""
    least = minimum(COUNTED[shape])
    arrays = {
        name: ArrayTraffic(times * count, times * count // 32, count // 32)
        for name, count in least.loads.items()
    }
    return Record((LaunchRecord("k", (64, 1, 1), arrays, least.dot_flops, 0),), None, {})


def report_of(**parts: Any) -> Report:
    empty: dict[str, Any] = {"checks": (), "counted": (), "served": ()}
    return Report("attention.py", {}, {"C": ""}, **{**empty, **parts})


def counted(shape: int, times: int, **changes: Any) -> Check:
    facts: dict[str, Any] = {"error": 0.0, "allowed": 1.0, "problem": ""}
    name = COUNTED[shape].name
    return Check(name, "C", "forward", **{**facts, **changes}, record=record_of(shape, times))


def served(kernel: KernelFacts, **changes: Any) -> Served:
    facts: dict[str, Any] = {"problem": "", "finite": False, **changes}
    return Served("decode", CaptureFacts((), {}), (kernel,), **facts)


GOOD = KernelFacts("k", "sm_80", (512, 1, 1), 4, registers=96, tensor_core=8, loads_wide=9)


@pytest.mark.parametrize(
    ("report", "weight", "words"),
    [
        (report_of(counted=(counted(0, 4),)), "slow", "4 query heads share a KV head"),
        (report_of(counted=(counted(2, 100),)), "slow", "serves 1.2 new tokens"),
        (report_of(checks=(counted(0, 1, error=2.0),)), "wrong", "is off by 2"),
        (report_of(checks=(counted(0, 1, problem="a.py:3: race"),)), "wrong", "a.py:3: race"),
        (report_of(served=(served(GOOD, finite=True),)), "wrong", "although no kernel ran"),
        (report_of(served=(served(GOOD),)), "wrong", "launches no kernel"),
        (report_of(served=(served(GOOD, problem="boom"),)), "wrong", "decode: boom"),
    ],
)
def test_what_stands_out_is_said_in_a_sentence(report: Report, weight: str, words: str) -> None:
    assert any(one.weight == weight and words in one.text for one in findings(report))


@pytest.mark.parametrize(
    ("change", "weight", "words"),
    [
        ({"spill_stores": 64}, "slow", "64 bytes a thread are spilled"),
        ({"loads_wide": 1, "loads_narrow": 30}, "slow", "3 % of its load instructions"),
        ({"grid": (8, 1, 1)}, "slow", "8 programs for the 108 SMs of A100"),
        ({"tensor_core": 0}, "note", "uses no tensor cores"),
        ({"tf32": 1}, "note", "TF32"),
        ({"error": "a.py:7: no"}, "wrong", "does not compile for sm_80: a.py:7: no"),
        ({"shared": 170_000}, "wrong", "not one program fits on an SM (shared memory)"),
    ],
)
def test_what_the_machine_code_shows_is_said(
    change: dict[str, Any], weight: str, words: str
) -> None:
    report = report_of(served=(served(KernelFacts(**{**GOOD.plain(), **change})),))
    assert any(one.weight == weight and words in one.text for one in findings(report))


def test_the_gravest_is_said_first() -> None:
    report = report_of(counted=(counted(0, 4),), served=(served(GOOD, finite=True),))
    weights = [one.weight for one in findings(report)]
    assert weights == sorted(weights, key=["wrong", "slow", "note"].index)


def test_nothing_that_a_file_says_moves_the_cursor_or_becomes_markup() -> None:
    evil = "\x1b[2J<script>alert(1)</script>\r"
    report = report_of(checks=(counted(0, 1, problem=evil),))
    assert "<script>" not in page(report)
    assert all(line.isprintable() for line in render(report))
