"""The check "types": the public API under `mypy --strict --disallow-any-explicit`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from autograder.quality.api import Definition, Item, asked_of, definitions, locate
from autograder.quality.findings import Finding, Grade
from autograder.quality.kernels import beside_kernels
from autograder.quality.modules import Module, Submission
from autograder.quality.type_check import FIXES

COMMANDS = (".venv/bin/mypy --strict --disallow-any-explicit pagedlab",)
API_PART = Fraction(3, 4)
EXPLICIT_ANY = "mypy[explicit-any]"


def grade_types(submission: Submission, items: Sequence[Item], errors: Sequence[Finding]) -> Grade:
    """Three quarters of the share are for the public API, one quarter for the rest.

    Public API: the part of the functions, methods and classes that the starter declares which are
    there and have no type error between their first and their last line. (The lines of a class
    that belong to a method are the method's.) An item that uses a name which stands for `Any`
    has an error; the signature of a Triton kernel has none. The rest: the part of the stage's
    files that are there and have no type error anywhere else, such as in a private helper.

    Args:
        submission: what is judged.
        items: the public API of the stage.
        errors: all errors of mypy, in these and in other files.
    """
    asked = asked_of(items, submission.modules)
    places = {item: locate(item, submission.modules) for item in asked}
    lost = {finding.file for finding in submission.unreadable}
    owner_of = _owners(submission.modules)
    errors = [
        error for error in errors if error.file in submission.files and error.file not in lost
    ]
    errors = beside_kernels(submission.modules, errors)
    errors += _disguised_any(submission, errors)
    owners = {error: owner_of.get((error.file, error.line)) for error in errors}
    wrong_places = set(owners.values())
    wrong = [item for item in asked if not places[item] or wrong_places & set(places[item])]
    public = {place for found in places.values() for place in found}
    untidy = lost | {error.file for error in errors if owners[error] not in public}
    right, tidy = len(asked) - len(wrong), len(set(submission.files) - untidy)
    absent = tuple(
        Finding(item.file, 0, "missing", f"{item.name} is not there", "keep the starter's API")
        for item in wrong
        if not places[item] and item.file not in lost
    )
    return Grade(
        share=API_PART * Fraction(right, len(asked) or 1)
        + (1 - API_PART) * Fraction(tidy, len(submission.files)),
        summary=f"{right} of {len(asked)} public functions, methods and classes are there without "
        f"a type error; {tidy} of {len(submission.files)} files have none anywhere else",
        findings=(*submission.unreadable, *absent, *errors),
        commands=COMMANDS,
    )


def _owners(modules: Sequence[Module]) -> dict[tuple[str, int], Definition]:
    """For each line of a definition the innermost one: a method comes after its class."""
    return {
        (place.file, line): place
        for module in modules
        for place in definitions(module)
        for line in place.lines
    }


def _disguised_any(submission: Submission, errors: Sequence[Finding]) -> list[Finding]:
    """Uses of names that stand for `Any`: mypy reports only where they are defined."""
    at = {(error.file, error.line) for error in errors if error.code == EXPLICIT_ANY}
    names = {
        target.id
        for module in submission.modules
        for node in module.tree.body
        if (module.file, node.lineno) in at and isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    if not names:
        return []
    return [
        Finding(module.file, line, EXPLICIT_ANY, f"{name} stands for Any", FIXES["explicit-any"])
        for module in submission.modules
        for name, line in _names_in_annotations(module.tree)
        if name in names
    ]


def _names_in_annotations(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        annotation = getattr(node, "returns", None) or getattr(node, "annotation", None)
        for part in ast.walk(annotation) if isinstance(annotation, ast.expr) else ():
            if isinstance(part, ast.Name):
                yield part.id, part.lineno
            elif isinstance(part, ast.Attribute):
                yield part.attr, part.lineno
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from ((word, part.lineno) for word in re.findall(r"\w+", part.value))
