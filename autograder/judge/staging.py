"""Lay out what a worker sees: the stage's driver, pristine given files, allow-listed student files.

<temporary directory>/
    stage1/driver*.py, meter*.py, pagedlab/    read by workers, owned by the judge
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.rubric.model import Stage
from autograder.scoring.outcome import Binding

MAX_FILE_BYTES = 1 << 20
DRIVER_FILES = ("driver*.py", "meter*.py")
"""What of a stage's folder runs in the worker. Other files may hold what students must not see."""


class NothingToGrade(Exception):
    """The submission has no folder `pagedlab/`. Says where it was looked for."""


@dataclass(frozen=True)
class Problem:
    """Why one of the student's files was not taken: name and reason."""

    file: str
    reason: str


@dataclass(frozen=True)
class Staged:
    """A stage laid out for workers.

    Attributes:
        folder: what workers get to read.
        package: the folder `pagedlab` in it.
        problems: allow-listed files that are missing or were refused.
        digest: SHA-256 over the student's files that were taken.
    """

    folder: Path
    package: Path
    problems: tuple[Problem, ...]
    digest: str


def files_below(
    stage: Stage, earlier: Iterable[Stage], submission: Path, binding: Binding
) -> list[Path]:
    """The modules of earlier stages that a stage stands on.

    Args:
        stage: names the stages in `upstream`.
        earlier: stages of the suite.
        submission: the student's, for the integrated binding.
        binding: isolated takes the stand-ins, `stand_ins/` in each earlier stage's folder.
    """
    own = binding is Binding.INTEGRATED
    below = (one for one in earlier if one.id in stage.upstream)
    return [
        (submission / "pagedlab" if own else one.folder / "stand_ins") / name
        for one in below
        for name in one.modules
    ]


def package_of(submission: Path) -> Path:
    """The student's package.

    Raises:
        NothingToGrade: the submission has none.
    """
    package = submission / "pagedlab"
    if not package.is_dir() or package.is_symlink():
        raise NothingToGrade(f"{submission}: no folder pagedlab/ with your files in it")
    return package


def stage_files(
    stage: Stage, submission: Path, given: Path, into: Path, below: Sequence[Path] = ()
) -> Staged:
    """Copy exactly what the stage's workers need into a fresh folder.

    Nothing but the stage's `modules` is taken from the submission: no configuration, bytecode,
    links or other packages.

    Args:
        stage: names the files.
        submission: directory that holds the student's `pagedlab/`.
        given: directory with the pristine given files.
        into: directory of the judge's own.
        below: modules of earlier stages, from `files_below`; what cannot be taken is left out.

    Raises:
        NothingToGrade: the submission has no `pagedlab/`.
    """
    source = package_of(submission)
    folder = into / f"stage{stage.id}"
    package = folder / "pagedlab"
    package.mkdir(parents=True)
    for pattern in DRIVER_FILES:
        for file in stage.folder.glob(pattern):
            _copy(file, folder / file.name)
    for name in stage.given:
        _copy(given / name, package / name)
    for file in below:
        if not _refusal(file):
            _copy(file, package / file.name)
    problems = []
    digest = hashlib.sha256()
    for name in stage.modules:
        reason = _refusal(source / name) or _refused_by_its_stage(stage, source / name)
        if reason:
            problems.append(Problem(name, reason))
        else:
            _copy(source / name, package / name)
            digest.update(name.encode() + b"\0" + (package / name).read_bytes() + b"\0")
    for path in (into, folder, package):
        path.chmod(0o755)
    return Staged(folder, package, tuple(problems), digest.hexdigest())


def _refusal(file: Path) -> str:
    if file.is_symlink():
        return "is a link; hand in the file itself"
    if not file.is_file():
        return "is missing"
    if file.stat().st_size > MAX_FILE_BYTES:
        return f"is over {MAX_FILE_BYTES >> 20} MB"
    return ""


def _refused_by_its_stage(stage: Stage, file: Path) -> str:
    """Why a stage does not let a file run, if it has something to say: `refused.py` reads it."""
    checker = stage.folder / "refused.py"
    if not checker.is_file():
        return ""
    spec = importlib.util.spec_from_file_location(f"stage{stage.id}_refused", checker)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.refusal(file))


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target, follow_symlinks=False)
    target.chmod(0o644)
