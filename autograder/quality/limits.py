"""What 1.Q3 measures against, from `config/structure.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.quality.findings import CheckerFault

FILE = Path(__file__).parent / "config" / "structure.toml"


@dataclass(frozen=True)
class Limits:
    """The numbers, and the standard modules that are denied, each with the reason."""

    function_lines: int
    arguments: int
    nesting: int
    clone_lines: int
    suppressions: int
    denied: Mapping[str, str]


def load_limits(file: Path = FILE) -> Limits:
    """Read the limits.

    Raises:
        CheckerFault: the file is missing or is not what it should be.
    """
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        denied = {name: reason for reason, names in data["denied"].items() for name in names}
        return Limits(denied=denied, **data["limits"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckerFault(f"{file}: not the limits of the structure check ({error})") from None
