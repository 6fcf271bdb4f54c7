"""Chaffs and wheats: wrong and right students that the grader must tell apart.

A chaff is data: edits to the reference's text, one misconception each. A wheat is a folder of
files that replace the reference's. Both become a submission: a directory that holds `pagedlab/`.
"""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.rubric.model import RubricError, Stage

PACKAGE = "pagedlab"


@dataclass(frozen=True)
class Edit:
    """A replacement in a module's text; `find` must stand there exactly once."""

    find: str
    replace: str


@dataclass(frozen=True)
class Chaff:
    """A wrong (or slow) student with a single bug.

    Attributes:
        id: short name, unique in its stage.
        stage: number of the stage.
        group: group of rules that must catch it; that of the performance rules if it is slow only.
        caught_by: ids of rules that it must lose, at least one of them of `group`.
        says: the misconception, in one sentence.
        source: where the bug was seen in the wild, or "".
        module: the file that is edited, such as "block_pool.py".
        edits: applied in order.
        file: where the chaff was read.
    """

    id: str
    stage: int
    group: str
    caught_by: tuple[str, ...]
    says: str
    source: str
    module: str
    edits: tuple[Edit, ...]
    file: Path


def load_chaffs(stage: Stage) -> tuple[Chaff, ...]:
    """Read a stage's `chaffs.toml`, in its order; a stage without that file has no chaffs.

    Raises:
        RubricError: the file is malformed, or speaks of rules or groups that the stage lacks.
    """
    file = stage.folder / "chaffs.toml"
    if not file.is_file():
        return ()
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))["chaffs"]
        chaffs = tuple(_chaff(stage, file, entry) for entry in entries)
    except (KeyError, TypeError, ValueError) as error:
        raise RubricError(f"{file}: {error!r}") from error
    for chaff_id, count in Counter(chaff.id for chaff in chaffs).items():
        if count > 1:
            raise RubricError(f"{file}: chaff {chaff_id} is declared {count} times")
    for chaff in chaffs:
        _check_against(stage, chaff)
    return chaffs


def student_test_chaffs(stage: Stage) -> tuple[Chaff, ...]:
    """The chaffs that a student's own tests are scored by, as `student_tests` lists them.

    Raises:
        RubricError: the list names a chaff that is not there.
    """
    chaffs = {chaff.id: chaff for chaff in load_chaffs(stage)}
    file = stage.folder / "chaffs.toml"
    wanted = tomllib.loads(file.read_text(encoding="utf-8")).get("student_tests", [])
    unknown = [name for name in wanted if name not in chaffs]
    if unknown:
        raise RubricError(f"{file}: student_tests names {unknown}, which are no chaffs")
    return tuple(chaffs[name] for name in wanted)


def build_chaff(chaff: Chaff, reference: Path, out: Path) -> None:
    """Write the reference with the chaff's edits.

    Args:
        chaff: the wrong student.
        reference: directory that holds the reference's `pagedlab/`; it is not changed.
        out: directory that gets a `pagedlab/`; it must not have one.

    Raises:
        RubricError: an edit does not fit the reference, for example after the latter has changed.
    """
    source = reference / PACKAGE / chaff.module
    if not source.is_file():
        raise RubricError(f"{chaff.file}: chaff {chaff.id}: the reference has no {chaff.module}")
    text = source.read_text(encoding="utf-8")
    for number, edit in enumerate(chaff.edits, start=1):
        count = text.count(edit.find)
        if count != 1:
            raise RubricError(
                f"{chaff.file}: chaff {chaff.id}: what edit {number} looks for stands {count} times"
                f" in {source}, not once"
            )
        text = text.replace(edit.find, edit.replace)
    copy_package(reference, out)
    (out / PACKAGE / chaff.module).write_text(text, encoding="utf-8")


def copy_package(reference: Path, out: Path) -> None:
    """Copy the modules of `reference/pagedlab/`, and nothing else that lies there.

    Raises:
        FileExistsError: `out` holds a `pagedlab/` already.
    """
    (out / PACKAGE).mkdir(parents=True)
    for file in (reference / PACKAGE).glob("*.py"):
        shutil.copyfile(file, out / PACKAGE / file.name)


def _chaff(stage: Stage, file: Path, entry: Mapping[str, Any]) -> Chaff:
    fields = dict(entry)
    edits = tuple(Edit(**edit) for edit in fields.pop("edits"))
    caught_by = tuple(fields.pop("caught_by"))
    return Chaff(stage=stage.id, file=file, caught_by=caught_by, edits=edits, **fields)


def _check_against(stage: Stage, chaff: Chaff) -> None:
    where = f"{chaff.file}: chaff {chaff.id}"
    groups = {rule.id: rule.group for rule in stage.rules}
    if not set(chaff.caught_by) <= set(groups):
        raise RubricError(f"{where}: caught_by names rules that stage {stage.id} has not")
    if chaff.group not in {groups[rule_id] for rule_id in chaff.caught_by}:
        raise RubricError(f"{where}: no rule in caught_by is of group {chaff.group}")
    if chaff.module not in stage.modules:
        raise RubricError(f"{where}: {chaff.module} is not a file that students write")
    if not chaff.edits:
        raise RubricError(f"{where}: it has no edit")
