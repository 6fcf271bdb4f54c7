"""Every lane works where submissions are: in a confined worker, and gives plain data."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.judge.clock import Budget
from autograder.judge.warm_parent import WarmParent
from autograder.judge.worker import Worker
from autograder.sandbox.isolation import probe
from autograder.sandbox.policy import Limits
from kernel_lanes.facts import KernelFacts
from kernel_lanes.record import Record
from tests.kernels.child import HERE

pytestmark = pytest.mark.timeout(300)  # parents that import torch, on a busy machine
BUDGET = Budget(60, 200, 1 << 32)
METER = """
from kernel_lanes.problem import build
from kernel_lanes.shapes import CHECKED, decode


class Meter:
    def __init__(self, modules):
        self.attend = modules["attention"].paged_attention

    def prepare(self, size):
        return None

    def work(self, case, size, most_steps):
        return getattr(self, case)()

    def interpreted(self):
        from kernel_lanes.sanitizer import Sanitizer

        return self.watched(Sanitizer())

    def as_c(self):
        from kernel_lanes.fast import FastRun

        return self.watched(FastRun())

    def compiled(self):
        from kernel_lanes.capture import capture
        from kernel_lanes.compile import compile_launches

        problem = build(decode("serving", 64, 8192), virtual=True)
        with capture() as seen:
            problem.run(self.attend)
        return [one.plain() for one in compile_launches(seen.launches, ("sm_80",))]

    def watched(self, watch):
        problem = build(CHECKED[1])
        with watch:
            problem.declare(watch)
            result = problem.run(self.attend)
        watch.declare("output", result)
        return watch.record().plain()
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A submission and its meter, where another user can read them."""
    path = Path(tempfile.mkdtemp(prefix="kernel_lanes-"))
    os.chmod(path, 0o755)
    (path / "pagedlab").mkdir()
    (path / "pagedlab" / "__init__.py").touch()
    shutil.copy(HERE / "paged.py", path / "pagedlab" / "attention.py")
    (path / "driver.py").write_text("class Driver:\n    pass\n", encoding="utf-8")
    (path / "meter.py").write_text(METER, encoding="utf-8")
    yield path
    shutil.rmtree(path)


def replies(folder: Path, mode: str, *cases: str) -> list[Any]:
    """What a worker of one kind says to these cases."""
    with WarmParent(probe(), ("torch", f"kernel_lanes.{mode}")) as parent:
        worker = Worker(parent, folder, Limits())
        assert worker.request("load", {"modules": ["attention"]}, BUDGET) == {"attention": None}
        worker.request("prepare", {"size": 1}, BUDGET)
        work = {"size": 1, "most_steps": 0}
        found = [worker.request("work", {"case": case, **work}, BUDGET) for case in cases]
        worker.close()
    return found


def test_all_lanes_work_in_a_confined_worker(folder: Path) -> None:
    (interpreted,) = replies(folder, "interpret_mode", "interpreted")
    as_c, compiled = replies(folder, "compile_mode", "as_c", "compiled")
    assert Record.from_plain(as_c) == Record.from_plain(interpreted)
    record = Record.from_plain(as_c)
    assert record.fault is None and set(record.launches[0].arrays) == {
        *("query", "key_cache", "value_cache", "block_table", "seq_lens", "query_start_loc"),
        "output",
    }
    (facts,) = map(KernelFacts.from_plain, compiled)
    assert facts.error == "" and facts.registers > 0 and facts.tensor_core > 0
