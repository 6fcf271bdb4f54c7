"""Turn what went wrong into a cause that a student can act on."""

from __future__ import annotations

import ast
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
        place=seen.place
        or place_of(package, language.methods.get(program[finding.index].name, "")),
        notes=states(language, observations, finding.index),
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
    )


def states(language: Language, observations: list[Observation], index: int) -> tuple[str, ...]:
    """What was seen before and after the failing operation, one line each."""
    shown = []
    for label, position in (("before", index - 1), ("after", index)):
        if position >= 0 and observations[position].state:
            line = "; ".join(_phrases(language, observations[position].state))
            shown.append(f"{label:<7} {line[:LONGEST_STATE]}")
    return tuple(shown)


def _phrases(language: Language, state: Mapping[str, Json]) -> list[str]:
    """What a stage says of a state. That it stumbles over one must not cost the verdict."""
    try:
        return language.show_state(state)
    except Exception:
        return ["of a form that cannot be shown"]


def place_of(package: Path, function: str) -> str:
    """Where a function of the submission begins, as "pagedlab/file.py:line, function", or ""."""
    for file in sorted(package.glob("*.py")):
        try:
            tree = ast.parse(file.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError, OSError, RecursionError, MemoryError):
            continue
        line = _line_of(tree, function.split("."))
        if line:
            return f"pagedlab/{file.name}:{line}, {function}"
    return ""


def _line_of(tree: ast.AST, path: list[str]) -> int:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == path[0]:
            return node.lineno if len(path) == 1 else _line_of(node, path[1:])
    return 0
