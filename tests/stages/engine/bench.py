"""Stage 7 in this process: its own tests need no confinement."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch

from autograder.program.model import Finding, Program, first_violation
from tests.stages.block_table.bench import COURSE, REFERENCE, Observe
from tests.stages.block_table.bench import part as part_of
from tests.stages.block_table.bench import running as running_of

__all__ = ["REFERENCE", "STAGE", "finding", "part", "running", "spoilt"]

STAGE = COURSE.stage(7)
part = partial(part_of, stage=STAGE)


@contextmanager
def running(submission: Path) -> Iterator[Observe]:
    """Gives a function that runs a program of stage 7 on the submission."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with running_of(submission, STAGE) as observe:
            yield observe
    finally:
        torch.set_num_threads(threads)


def finding(submission: Path, program: Program) -> Finding | None:
    """What the contract finds first."""
    with running(submission) as observe:
        seen = observe(program)
    found: Finding | None = first_violation(part("contract").Contract(), program, seen)
    return found


def spoilt(out: Path, file: str, method: str, body: str) -> Path:
    """The reference with the body of one function or method replaced."""
    shutil.copytree(REFERENCE / "pagedlab", out / "pagedlab")
    module = out / "pagedlab" / file
    head, found, rest = module.read_text(encoding="utf-8").partition(f"def {method}(")
    assert found
    before, _, after = rest.partition("# BEGIN SOLUTION\n")
    indent = " " * (8 if head.endswith("    ") else 4)
    text = f"{head}def {method}({before}# BEGIN SOLUTION\n{indent}{body}\n{after}"
    module.write_text(text, encoding="utf-8")
    return out
