"""Turn what went wrong into a cause that a student can act on."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.stage_package import Language
from autograder.program.model import Finding, Observation, Program
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage
from autograder.scoring.outcome import Cause

RAISES_NOTHING = "an operation that is in order raises nothing"
AGREED_FORM = "a result has the form that its docstring says"
"""What is broken where no invariant is."""
LONGEST_STATE = 300
"""Characters of one line about a state."""
LINE = re.compile(r"(?P<file>\w+\.py):(?P<line>\d{1,6})")


def explain_violation(
    stage: Stage,
    language: Language,
    package: Path,
    program: Program,
    observations: list[Observation],
    finding: Finding,
) -> Cause:
    """The cause for a broken sentence of the contract, with the program that shows it."""
    violation, seen = finding.violation, observations[finding.index]
    invariant = violation.invariant
    summary = stage.invariants.get(invariant, RAISES_NOTHING if seen.error else AGREED_FORM)
    return Cause(
        summary=summary,
        kind="violation" if invariant else "exception",
        invariant=invariant,
        program=tuple(map(language.to_python, program)),
        failing_line=finding.index,
        expected=violation.expected,
        observed=violation.observed,
        place=shown_place(package, violation.place)
        or seen.place
        or place_of(package, language.methods.get(program[finding.index].name, "")),
        notes=states(language, observations, finding.index),
        imports=needed_imports(language, program),
    )


def explain_end(language: Language, program: Program, ended: WorkerEnded | RequestFailed) -> Cause:
    """The cause for a program that never came back."""
    kind = ended.kind if isinstance(ended, WorkerEnded) else "crash"
    return Cause(
        summary=str(ended),
        kind=kind,
        program=tuple(map(language.to_python, program)),
        failing_line=len(program) - 1,
        expected="an answer",
        observed=str(ended),
        place=ended.place if isinstance(ended, RequestFailed) else "",
        imports=needed_imports(language, program),
    )


def needed_imports(language: Language, program: Program) -> tuple[str, ...]:
    """The lines to paste before a program: imports of names that stand in it."""
    words = set(re.findall(r"\w+", " ".join(map(language.to_python, program))))
    return tuple(line for line in language.imports if _brings(line, words))


def _brings(line: str, words: set[str]) -> bool:
    """True if an import names one of the words; `import a.b` is for what it does by itself."""
    names = line.partition("#")[0].partition(" import ")[2]
    return not names or not words.isdisjoint(re.findall(r"\w+", names))


def states(language: Language, observations: list[Observation], index: int) -> tuple[str, ...]:
    """What was seen before and after the failing operation, one line each."""
    shown = []
    for label, position in (("before", index - 1), ("after", index)):
        if position >= 0 and observations[position].state:
            line = "; ".join(_phrases(language, observations[position].state))
            if not line:
                continue  # an operation that leaves nothing to see
            shown.append(f"{label:<7} {line[:LONGEST_STATE]}")
    return tuple(shown)


def _phrases(language: Language, state: Mapping[str, Json]) -> list[str]:
    """What a stage says of a state. That it stumbles over one must not cost the verdict."""
    try:
        return language.show_state(state)
    except Exception:
        return ["of a form that cannot be shown"]


def shown_place(package: Path, place: str) -> str:
    """A place as a violation names it, as "pagedlab/file.py:line, function", or ""."""
    named = LINE.fullmatch(place)
    if not named:
        return place_of(package, place) if place else ""
    file = package / named["file"]
    return (
        f"pagedlab/{place}, {function}" if (function := _around(file, int(named["line"]))) else ""
    )


def _around(file: Path, line: int) -> str:
    """The innermost function of a file around a line, or ""."""
    tree = _parsed(file)
    around = [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno).name if around else ""


def _parsed(file: Path) -> ast.Module | None:
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError):
        return None


def place_of(package: Path, function: str) -> str:
    """Where a function of the submission begins, as "pagedlab/file.py:line, function", or ""."""
    for file in sorted(package.glob("*.py")):
        tree = _parsed(file)
        line = _line_of(tree, function.split(".")) if tree else 0
        if line:
            return f"pagedlab/{file.name}:{line}, {function}"
    return ""


def _line_of(tree: ast.AST, path: list[str]) -> int:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == path[0]:
            return node.lineno if len(path) == 1 else _line_of(node, path[1:])
    return 0
