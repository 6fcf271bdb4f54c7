"""The starter: what students fill in, generated from the reference and the stages' templates."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.source.regions import MARKER, StripError
from autograder.source.strip import strip

CLAIMS = "design.toml"
TEMPLATE = "starter"


@dataclass(frozen=True)
class StageFiles:
    """Which files of `pagedlab/` a stage is about: written by students, or given to them."""

    folder: Path
    modules: tuple[str, ...]
    given: tuple[str, ...]


def stage_files(assignments: Path) -> tuple[StageFiles, ...]:
    """Read the files of every stage whose stage.toml is there, in the order of the folders' names.

    Raises:
        StripError: a stage.toml cannot be read, or names no files.
    """
    found = []
    for file in sorted(assignments.glob("*/stage.toml")):
        try:
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            found.append(StageFiles(file.parent, tuple(data["modules"]), tuple(data["given"])))
        except (OSError, KeyError, ValueError) as error:
            raise StripError(f"{file.parent.name}/stage.toml: {error!r}") from error
    return tuple(found)


def build_starter(root: Path) -> dict[str, str]:
    """Make the whole starter.

    Args:
        root: of this repository.

    Returns:
        Text of each file by its path below `starter/`. The claims of all stages are one file.

    Raises:
        StripError: a module cannot be stripped, is missing, or no stage.toml names it.
    """
    reference = root / "reference" / "pagedlab"
    stages = stage_files(root / "assignments")
    modules = {name for stage in stages for name in stage.modules}
    given = {name for stage in stages for name in stage.given}
    _check_names(reference, modules, given)
    files = {}
    for name in sorted(modules | given):
        text = (reference / name).read_text(encoding="utf-8")
        if name in given and MARKER.search(text):
            raise StripError(f"{name}:1: given, and holds a solution: list it under `modules`")
        files[f"pagedlab/{name}"] = strip(text, name)
    for stage in stages:
        for path, text in _template(stage.folder / TEMPLATE):
            files[path] = f"{files[path]}\n{text}" if path == CLAIMS and path in files else text
    return files


def drift(files: dict[str, str], folder: Path) -> Iterator[str]:
    """Compare a folder with what it should be; give one line for each file that differs.

    What running the starter leaves behind (bytecode, hidden folders) is passed over.
    """
    for path, text in sorted(files.items()):
        if not (folder / path).is_file():
            yield f"{folder.name}/{path}: missing"
        elif (folder / path).read_bytes() != text.encode():
            yield f"{folder.name}/{path}: not what reference/ and assignments/ give"
    for file in sorted(each for each in folder.rglob("*") if not each.is_dir()):
        parts = file.relative_to(folder).parts
        if any(part == "__pycache__" or part.startswith(".") for part in parts):
            continue
        if "/".join(parts) not in files:
            yield f"{folder.name}/{'/'.join(parts)}: not generated: remove it"


def _check_names(reference: Path, modules: set[str], given: set[str]) -> None:
    for name in sorted(modules & given):
        raise StripError(f"{name}:1: named under `modules` and under `given` of a stage.toml")
    present = {file.relative_to(reference).as_posix() for file in reference.rglob("*.py")}
    for name in sorted(present - modules - given):
        raise StripError(f"{name}:1: in reference/, but no stage.toml names it")
    for name in sorted((modules | given) - present):
        raise StripError(f"{name}:1: named in a stage.toml, but not in reference/pagedlab/")


def _template(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the path and the text of a stage's own additions: its tests and its claims."""
    for file in [*sorted(folder.glob("tests/*.py")), folder / CLAIMS]:
        if file.is_file():
            yield file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8")
