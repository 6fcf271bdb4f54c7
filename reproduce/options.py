"""What is asked for on the command line, and what an experiment gives back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reproduce.claim import Claim


@dataclass(frozen=True)
class Options:
    """`quick`: try it out with few requests. `real`: a folder with real trace files, if any."""

    quick: bool = False
    real: Path | None = None

    def tell(self, text: str) -> None:
        """Say on stderr what is being done."""
        print(f"  {text}", file=sys.stderr)


@dataclass(frozen=True)
class Report:
    """An experiment's outcome.

    `lines` are Markdown: claims, figures, verdicts. `data` is everything measured, as JSON. `draw`
    writes the plots to a folder, named as it is told, and gives the files. `claims` are those that
    the lines tell of.
    """

    title: str
    lines: tuple[str, ...]
    data: str
    draw: Callable[[Path, str], list[Path]]
    claims: tuple[Claim, ...] = ()
