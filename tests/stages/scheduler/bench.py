"""Stage 5 in this process: its own tests need no confinement."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.stages.block_table.bench import COURSE, REFERENCE, ROOT, Observe
from tests.stages.block_table.bench import part as part_of
from tests.stages.block_table.bench import running as running_of

__all__ = ["COURSE", "REFERENCE", "ROOT", "STAGE", "part", "running", "spoilt"]

STAGE = COURSE.stage(5)
part = partial(part_of, stage=STAGE)


@contextmanager
def running(submission: Path) -> Iterator[Observe]:
    """Gives a function that runs a program of stage 5 on the submission."""
    with running_of(submission, STAGE) as observe:
        yield observe


def spoilt(out: Path, file: str, method: str, body: str) -> Path:
    """The reference with the body of one method replaced."""
    shutil.copytree(REFERENCE / "pagedlab", out / "pagedlab")
    module = out / "pagedlab" / file
    head, found, rest = module.read_text(encoding="utf-8").partition(f"    def {method}(")
    assert found
    before, _, after = rest.partition("# BEGIN SOLUTION\n")
    text = f"{head}    def {method}({before}# BEGIN SOLUTION\n        {body}\n{after}"
    module.write_text(text, encoding="utf-8")
    return out
