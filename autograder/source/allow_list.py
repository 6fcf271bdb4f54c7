"""The list of what students get (release.toml), and the release as it follows from it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.rubric.load import load_course
from autograder.rubric.model import Course, RubricError, Stage
from autograder.source.given import SHIPPED
from autograder.source.starter import build_starter, stage_files
from autograder.source.student_copy import (
    hidden_rules,
    student_requirements,
    student_stage,
    without_rules,
)


class ReleaseError(Exception):
    """The release cannot be built from this repository. One line: what, where, what to do."""


@dataclass(frozen=True)
class Entry:
    """One file of a release: its content, and the file of this repository that it comes from."""

    content: bytes
    source: Path


@dataclass(frozen=True)
class _List:
    """release.toml. Its comments say what the fields mean."""

    copy: tuple[str, ...]
    stage_copy: tuple[str, ...]
    stage_if_present: tuple[str, ...]
    stage_if_imported: tuple[str, ...]
    moved: Mapping[str, str]
    leave_out: tuple[str, ...]


def plan_release(root: Path) -> dict[str, Entry]:
    """Decide on every file of a release. Writes nothing.

    Args:
        root: of this repository. Its `starter/` has to be up to date.

    Returns:
        Each file by its path in the release.

    Raises:
        ReleaseError: a listed file is missing or a link, a file that is not listed is imported, or
            the rubric contradicts itself.
    """
    try:
        listed = _read(root / "autograder" / "source" / "release.toml")
        course = load_course(root / "assignments")
        sources = dict(_sources(root, listed, course))
        _check_imports(sources)
        return {
            path: Entry(_content(path, file, course, listed), file)
            for path, file in sorted(sources.items())
        }
    except KeyError as error:
        raise ReleaseError(f"release.toml: lacks {error}") from error
    except (OSError, ValueError, SyntaxError, RubricError) as error:
        raise ReleaseError(str(error)) from error


def _read(file: Path) -> _List:
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    stage = data["stage"]
    return _List(
        copy=tuple(data["copy"]),
        stage_copy=tuple(stage["copy"]),
        stage_if_present=tuple(stage["if_present"]),
        stage_if_imported=tuple(stage["if_imported"]),
        moved=dict(data["moved"]),
        leave_out=tuple(data["requirements"]["leave_out"]),
    )


def _sources(root: Path, listed: _List, course: Course) -> Iterator[tuple[str, Path]]:
    """Give each path in the release and the file that it is made of."""
    for pattern in listed.copy:
        for file in _matches(root, pattern):
            yield file.relative_to(root).as_posix(), file
    for stage in course.stages:
        for file in _stage_sources(stage, listed):
            yield file.relative_to(root).as_posix(), file
    for origin, target in listed.moved.items():
        yield target, _matches(root, origin)[0]
    for path in build_starter(root):
        yield path, root / "starter" / path
    for files in stage_files(root / "assignments"):
        for name in files.given:
            yield (SHIPPED / name).as_posix(), root / "reference" / "pagedlab" / name


def _matches(root: Path, pattern: str) -> list[Path]:
    found = []
    for file in sorted(root.glob(pattern)):
        if file.is_symlink():
            raise ReleaseError(f"{file.relative_to(root)}: a link: release real files only")
        if file.is_file() and "__pycache__" not in file.parts:
            found.append(file)
    if not found:
        raise ReleaseError(f"release.toml: no file matches '{pattern}' in {root.name}/")
    return found


def _stage_sources(stage: Stage, listed: _List) -> list[Path]:
    """The files of one stage: those named, those present, and the siblings that they import."""
    files = [file for pattern in listed.stage_copy for file in _matches(stage.folder, pattern)]
    files += [file for name in listed.stage_if_present for file in sorted(stage.folder.glob(name))]
    for file in files:
        for _, name in imported_names(file):
            package, _, module = name.partition(".")
            sibling = stage.folder / f"{module.partition('.')[0]}.py"
            listed_sibling = sibling.name in listed.stage_if_imported
            if package == f"stage{stage.id}" and listed_sibling and sibling not in files:
                files.append(sibling)  # the loop goes on to what it imports
    return files


def _check_imports(sources: Mapping[str, Path]) -> None:
    """Raise ReleaseError if a Python file imports one of ours that is not released."""
    released = set(sources)
    for path, file in sources.items():
        folder = PurePosixPath(path).parts[:2]
        for line, name in imported_names(file):
            parts = name.split(".")
            if re.fullmatch(r"stage\d+", parts[0]) and folder[0] == "assignments":
                parts[0] = "/".join(folder)
            elif parts[0] not in OURS:
                continue
            module = "/".join(parts)
            # The last part may name something in a module.
            wanted = [
                f"{part}{end}" for part in (module, module.rpartition("/")[0]) for end in ENDS
            ]
            if not released.intersection(wanted):
                raise ReleaseError(
                    f"{path}:{line}: imports {name}, which release.toml does not list"
                )


ENDS = (".py", "/__init__.py")
# Packages that are released in part.
OURS = ("autograder", "kernel_lanes", "language_model", "server")


def imported_names(file: Path) -> Iterator[tuple[int, str]]:
    """Give line and full name of everything that a Python file imports; nothing for others."""
    if file.suffix != ".py":
        return
    for node in ast.walk(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _content(path: str, file: Path, course: Course, listed: _List) -> bytes:
    """What students get of a file: itself, or their copy of it."""
    content = file.read_bytes()
    if path == "requirements.txt":
        return student_requirements(content.decode(), listed.leave_out).encode()
    for stage in course.stages:
        if file.parent != stage.folder or file.suffix != ".toml":
            continue
        if file.name == "stage.toml":
            return student_stage(content.decode(), stage).encode()
        hidden = {rule.id for rule in hidden_rules(stage)}
        return without_rules(content.decode(), hidden).encode()
    return content
