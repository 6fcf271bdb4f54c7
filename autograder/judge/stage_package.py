"""Make a stage's folder importable as `stage1`, `stage2`, …: folder names start with a digit."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from autograder.program.model import Checker, Op
from autograder.program.skips import References
from autograder.protocol.plain import Json
from autograder.rubric.model import Stage


@dataclass(frozen=True)
class Language:
    """What the judge needs to know of a stage's operations."""

    contract: Callable[[], Checker]
    to_python: Callable[[Op], str]
    simpler: Callable[[Op], Iterator[Op]]
    references: References
    show_state: Callable[[Mapping[str, Json]], list[str]]
    methods: Mapping[str, str]
    imports: tuple[str, ...]


def import_stage(stage: Stage) -> None:
    """Let `import stage1.…` find the modules in the stage's folder."""
    name = f"stage{stage.id}"
    package = ModuleType(name)
    package.__path__ = [str(stage.folder)]
    sys.modules[name] = package


def stage_language(stage: Stage) -> Language:
    """The stage's operations and its public contract."""
    language = importlib.import_module(f"stage{stage.id}.language")
    contract = importlib.import_module(f"stage{stage.id}.contract")
    return Language(
        contract=contract.Contract,
        to_python=language.to_python,
        simpler=language.simpler,
        references=language.references,
        show_state=language.show_state,
        methods=language.METHODS,
        imports=language.IMPORTS,
    )
