"""A student's own tests run in an interpreter whose bfloat16 is right."""

from __future__ import annotations

from pathlib import Path

from autograder.judge.parents import Parents
from autograder.judge.student_test_runs import RUNNER, run_tests, with_tests
from autograder.source.variants import copy_package
from tests.stages.attention.bench import REFERENCE, STAGE

TESTS = """
import torch
from pagedlab.attention import paged_attention

def attend(dtype):
    torch.manual_seed(0)
    query, cache = torch.randn(1, 2, 64), torch.randn(2, 2, 16, 1, 64)
    table, length = torch.tensor([[1, 0]], dtype=torch.int32), torch.tensor([20], dtype=torch.int32)
    starts = torch.tensor([0, 1], dtype=torch.int32)
    given = (query.to(dtype), *cache.to(dtype), table, length, starts)
    return paged_attention(*given, 0.125).double()

def test_bfloat16_is_close_to_float32():
    assert torch.allclose(attend(torch.bfloat16), attend(torch.float32), rtol=0.04, atol=0.06)

def test_that_fails():
    assert torch.allclose(attend(torch.bfloat16), 2 * attend(torch.float32), rtol=0.04, atol=0.06)
"""


def test_a_student_may_test_bfloat16(tmp_path: Path, parents: Parents) -> None:
    copy_package(REFERENCE, tmp_path)
    file = tmp_path / "test_attention.py"
    file.write_text(TESTS, encoding="utf-8")
    tmp_path.chmod(0o755)
    run = run_tests(parents.of([RUNNER, *STAGE.needs]), with_tests(tmp_path, [file]))
    assert run.ended == "" and len(run.ran) == 2
    assert run.failed == {"test_attention.py::test_that_fails"}
