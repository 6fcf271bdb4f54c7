"""Read the rubric from `assignments/`, and refuse one that contradicts itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from autograder.rubric.check import check_course, check_stage
from autograder.rubric.model import (
    Anchor,
    Axis,
    Course,
    RubricError,
    Rule,
    Sizes,
    Stage,
    StageHeader,
    StageLimits,
)

RULE_MARK = re.compile(r"""^@rule\(["'](?P<id>[^"']+)["']\)""", re.MULTILINE)
HIDDEN_CHECKS = ("student_tests",)
"""Checks whose material (the wrong and the right submissions) students do not get."""


def load_course(assignments: Path) -> Course:
    """Read course.toml and the stage.toml of every stage whose folder is there.

    Args:
        assignments: the folder `assignments/` of a repository.

    Raises:
        RubricError: a file is missing or malformed, or the numbers do not add up.
    """
    data = _read(assignments / "course.toml")
    try:
        headers = tuple(_header(entry) for entry in data["stages"])
        course = Course(
            title=data["title"],
            version=data["version"],
            axes={Axis(key): value for key, value in data["axes"].items()},
            headers=headers,
            stages=tuple(
                load_stage(header, assignments / header.folder)
                for header in headers
                if (assignments / header.folder / "stage.toml").is_file()
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RubricError(f"{assignments / 'course.toml'}: {error!r}") from error
    check_course(course)
    return course


def load_stage(header: StageHeader, folder: Path) -> Stage:
    """Read one stage's rules, limits and anchors.

    Raises:
        RubricError: as for `load_course`.
    """
    data = _read(folder / "stage.toml")
    visible = tested_rules(folder / "public")
    anchors = _read(folder / "anchors.toml") if (folder / "anchors.toml").is_file() else {}
    try:
        stage = Stage(
            id=header.id,
            name=header.name,
            folder=folder,
            cells=header.cells,
            modules=tuple(data["modules"]),
            given=tuple(data["given"]),
            upstream=tuple(data["upstream"]),
            needs=tuple(data["needs"]),
            limits=StageLimits(**data["limits"]),
            gates={Axis(key): float(value) for key, value in data["gates"].items()},
            groups=dict(data["groups"]),
            invariants=dict(data["invariants"]),
            rules=tuple(_rule(header.id, entry, visible) for entry in data["rules"]),
            anchors={key: Anchor(**value) for key, value in anchors.items()},
            hidden_weight={Axis(k): v for k, v in data.get("hidden_weight", {}).items()},
            sizes=Sizes(**data.get("performance", {})),
            lanes=dict(data.get("lanes", {})),
            lanes_from=data.get("lanes_from", ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RubricError(f"{folder / 'stage.toml'}: {error!r}") from error
    check_stage(stage, visible, tested_rules(folder / "hidden"))
    return stage


def tested_rules(folder: Path) -> dict[str, Path]:
    """Rule ids marked with `@rule(...)` in a folder of tests, and the file that holds each.

    The tests are read as text, not imported. A missing folder holds none.
    """
    files = sorted(folder.glob("test_*.py"))
    return {m["id"]: file for file in files for m in RULE_MARK.finditer(file.read_text("utf-8"))}


def _rule(stage: int, entry: Mapping[str, Any], visible: Container[str]) -> Rule:
    fields = dict(entry)
    axis = Axis(fields.pop("axis"))
    tested = axis in (Axis.CORRECTNESS, Axis.PERFORMANCE)
    return Rule(
        stage=stage,
        axis=axis,
        visible=fields["id"] in visible if tested else fields["check"] not in HIDDEN_CHECKS,
        invariants=tuple(fields.pop("invariants", ())),
        requires=tuple(fields.pop("requires", ())),
        instead=tuple(fields.pop("instead", ())),
        **fields,
    )


def _header(entry: Mapping[str, Any]) -> StageHeader:
    return StageHeader(
        id=entry["id"],
        name=entry["name"],
        folder=entry["folder"],
        cells={Axis(key): value for key, value in entry["cells"].items()},
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RubricError(f"{file}: cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise RubricError(f"{file}: not TOML ({error})") from error
