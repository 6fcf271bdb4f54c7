"""The command line on a tiny repository: one stage, the ledger of tests/judge."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.cli import (
    calibrate,
    check,
    debug,
    fuzz,
    grade,
    grading,
    hint,
    rescore,
    summary,
    validate,
)
from tests.judge.bench import HEAD, LEDGER, make_stage, make_submission

COURSE = """
title = "PagedLab"
version = "2026.1"

[axes]
correctness = 8
performance = 2
quality = 0
documentation = 4

[[stages]]
id = 90
name = "Ledger"
folder = "90_ledger"
cells = { correctness = 8, performance = 2, quality = 0, documentation = 4 }
"""
STAGE = """
modules = ["book.py", "ledger.py"]
given = ["__init__.py"]
upstream = []
needs = []

[limits]
program_cpu_seconds = 0.5
program_wall_seconds = 30.0
stage_wall_seconds = 60.0
memory_mb = 256
processes = 8
file_mb = 1

[gates]
documentation = 0.4

[groups]
A = "All"

[invariants]
L1 = "the total is the sum of what was put"
L2 = "put gives the amount back"
L3 = "misuse raises the named error"

[[rules]]
id = "90.1"
axis = "correctness"
group = "A"
weight = 1
title = "The total is the sum"
invariants = ["L1", "L2"]
module = "ledger"

[[rules]]
id = "90.10"
axis = "correctness"
group = "A"
weight = 1
title = "Misuse raises"
invariants = ["L3"]
module = "ledger"

[[rules]]
id = "90.P1"
axis = "performance"
group = "P"
weight = 1
title = "A total costs the same at any size"
module = "ledger"
case = "total"
requires = ["90.10"]

[[rules]]
id = "90.D9"
axis = "documentation"
group = "D"
weight = 1
title = "Names (read by a person)"
check = "human"

[[rules]]
id = "90.D1"
axis = "documentation"
group = "D"
weight = 1
title = "The claims in design.toml hold"
check = "claims"
requires = ["90.P1"]

[[rules]]
id = "90.D2"
axis = "documentation"
group = "D"
weight = 1
title = "The examples run"
check = "examples"
"""
TESTS = HEAD + """
@rule("90.1")
def test_sum(judge): judge.check(new(), put("a", 3), put("b", 4), drop("a[0]"), total())

@rule("90.10")
def test_misuse(judge): judge.check(new(), put("a", -1), total())

@rule("90.P1")
def test_cost(judge): judge.measure(("total",), lambda *_: "")
"""
ANCHORS = '["90.P1"]\nreference = 1.0\nnaive = 8.0\n'
HINTS = '["90.1"]\nhints = ["Sum up.", "See §90.", "It is sum(amounts)."]\n'
DESIGN = '[stage90]\nempty = "0"\ngrowth = "1"\n'
WRONG = LEDGER.replace("return sum(self._amounts)", "return sum(self._amounts) + 1")


@dataclass(frozen=True)
class Said:
    """What a run of the command line gave."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """Its one line of refusal."""
        assert self.out == "" and self.err.count("\n") == 1, (self.out, self.err)
        return self.err.removesuffix("\n")


Run = Callable[..., Said]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the tiny stage alone."""
    root = tmp_path / "root"
    given = root / "assignments" / "given"
    given.mkdir(parents=True)
    (given / "__init__.py").write_text("", encoding="utf-8")
    folder = root / "assignments" / "90_ledger"
    make_stage(folder, tests=TESTS)
    (folder / "stage.toml").write_text(STAGE, encoding="utf-8")
    (folder / "anchors.toml").write_text(ANCHORS, encoding="utf-8")
    (folder / "hints.toml").write_text(HINTS, encoding="utf-8")
    (root / "assignments" / "course.toml").write_text(COURSE, encoding="utf-8")
    modules = (calibrate, check, debug, fuzz, grade, grading, hint, rescore, summary, validate)
    for module in modules:
        monkeypatch.setattr(module, "ROOT", root)
    return root


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A submission with nothing wrong."""
    own = make_submission(tmp_path / "own")
    (own / "design.toml").write_text(DESIGN, encoding="utf-8")
    return own


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A submission whose totals are wrong."""
    wrong = make_submission(tmp_path / "wrong", WRONG)
    (wrong / "design.toml").write_text(DESIGN, encoding="utf-8")
    return wrong


@pytest.fixture
def run(root: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process, on the tiny repository."""

    def call(*argv: object) -> Said:
        capfd.readouterr()
        try:
            code = main([str(one) for one in argv])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return call


class Terminal(io.StringIO):
    """A stream that says that it is one."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing that was imported or set here is there for the next test."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    path, autoload = list(sys.path), os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    yield
    sys.path[:] = path
    if autoload is None:
        os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
    ours = ("pagedlab", "stage90", "90_ledger", "stage_driver", "stage_meter")
    for name in [one for one in sys.modules if one.startswith(ours)]:
        del sys.modules[name]
