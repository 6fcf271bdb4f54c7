"""Everything in this repository that students must not see, in a form to search for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.rubric.load import load_course
from autograder.rubric.model import Axis, Course
from autograder.source.allow_list import Entry
from autograder.source.fingerprints import Fingerprints, telling_lines
from autograder.source.regions import find_regions
from autograder.source.starter import TEMPLATE, build_starter

SOLUTION_RUN, HIDDEN_RUN = 2, 4
"""Consecutive telling lines taken for a copy. Graders of one stage share idioms, hence 4."""
CANARY = re.compile(rb"pagedlab-canary-[0-9a-f]{8,}")
HIDDEN_FOLDERS = ("assignments", "examples")


@dataclass(frozen=True)
class Hidden:
    """What to search for.

    Attributes:
        rules: title of each rule with a hidden test, by its id; "" if the title is no secret.
        canaries: texts that stand in hidden files for no other purpose than to be found.
        texts: solutions, hidden tests, oracles, wrong and right submissions.
        places: paths that name the machine or the user that builds the release.
    """

    rules: Mapping[str, str]
    canaries: tuple[str, ...]
    texts: Fingerprints
    places: tuple[str, ...]


def collect_hidden(root: Path, release: Mapping[str, Entry]) -> Hidden:
    """Gather what must not leak.

    Args:
        root: of this repository.
        release: the plan. What it does not use of `assignments/` and `examples/` is hidden.
    """
    files = dict(_hidden_files(root, release))
    starter = build_starter(root)
    public = "\n".join(starter.values())
    texts = Fingerprints()
    _learn_solutions(texts, root, public)
    for origin, content in files.items():
        text = content.decode("utf-8", "replace")
        if text not in starter.values():  # submissions hold the given files, too
            texts.learn_file(content, origin)
        texts.learn(telling_lines(text), HIDDEN_RUN, origin, public)
    for entry in release.values():
        if entry.source.suffix == ".py":
            texts.unlearn(entry.source.read_text(encoding="utf-8"))
    found = {match.decode() for content in files.values() for match in CANARY.findall(content)}
    return Hidden(
        rules=_hidden_rules(load_course(root / "assignments")),
        canaries=tuple(sorted(found)),
        texts=texts,
        places=tuple({f"{path}/" for path in (root, Path.home()) if path != Path("/")}),
    )


def _hidden_rules(course: Course) -> dict[str, str]:
    """Leave out rules without tests: that students' own tests are graded is no secret."""
    found = {}
    for stage in course.stages:
        public = {sentence.casefold() for sentence in stage.invariants.values()}
        for rule in stage.rules:
            if not rule.visible and rule.axis in (Axis.CORRECTNESS, Axis.PERFORMANCE):
                found[rule.id] = "" if rule.title.casefold() in public else rule.title
    return found


def _learn_solutions(texts: Fingerprints, root: Path, public: str) -> None:
    """Add every solution region, and every module that has one."""
    for file in sorted((root / "reference" / "pagedlab").rglob("*.py")):
        source, name = file.read_text(encoding="utf-8"), file.relative_to(root).as_posix()
        for region in find_regions(source, name):
            body = "\n".join(source.split("\n")[region.begin : region.end - 1])
            origin = f"solution of {region.owner or file.stem} ({name}:{region.begin})"
            texts.learn(telling_lines(body), SOLUTION_RUN, origin, public)
            texts.learn_file(source.encode(), f"the whole of {name}")


def _hidden_files(root: Path, release: Mapping[str, Entry]) -> Iterator[tuple[str, bytes]]:
    used = {entry.source for entry in release.values()}
    for folder in HIDDEN_FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            parts = file.relative_to(root).parts
            template = parts[0] == "assignments" and TEMPLATE in parts
            if file.is_file() and file not in used and not template and file.stat().st_size:
                if "__pycache__" not in parts and not any(part.startswith(".") for part in parts):
                    yield file.relative_to(root).as_posix(), file.read_bytes()
