"""Which lanes this machine has: asked once, for every rule that names one."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterable, Mapping
from functools import cache

from autograder.rubric.model import Stage

LEFT_OUT = "left out on request"


def lanes_of(stages: Iterable[Stage], only: Collection[str] | None = None) -> Mapping[str, str]:
    """Each lane of some stages: "" if it is there, else why not.

    Args:
        stages: those to be graded.
        only: grade with these lanes alone, as if the machine had no other; None for all it has.
    """
    return {
        name: LEFT_OUT if only is not None and name not in only else why
        for stage in stages
        for name, why in _found(stage.lanes_from, tuple(stage.lanes)).items()
    }


@cache
def _found(module: str, names: tuple[str, ...]) -> Mapping[str, str]:
    missing: Mapping[str, str] = importlib.import_module(module).missing() if names else {}
    return {name: missing.get(name, "") for name in names}
