"""How far a right output may lie from the exact one, by dtype, with the recorded margins."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "tolerances.toml"


@dataclass(frozen=True)
class Tolerance:
    """An output is right if it is off by at most `absolute + relative * |exact|`.

    Attributes:
        honest: the largest part of what is allowed that a correct solution has used.
        wrong: the least multiple of what is allowed that a wrong one has shown.
    """

    absolute: float
    relative: float
    honest: float
    wrong: float


@cache
def tolerances() -> dict[str, Tolerance]:
    """By dtype, as recorded in tolerances.toml."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {dtype: Tolerance(**entry) for dtype, entry in data.items()}
