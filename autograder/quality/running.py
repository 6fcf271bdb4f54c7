"""The external checkers of one submission, at work on copies of its files."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.quality.docstrings import read_pydoclint
from autograder.quality.findings import CheckerFault, Finding
from autograder.quality.formatting import read_black, read_ruff
from autograder.quality.modules import Submission
from autograder.quality.suppressions import defused, over_budget
from autograder.quality.tools import Tool
from autograder.quality.type_check import TypeCheck

CONFIG = Path(__file__).parent / "config"
Result = list[Finding] | CheckerFault


@dataclass(frozen=True)
class Running:
    """Four processes, and the directory that they work in."""

    work: Path
    black: Tool
    ruff: Tool
    pydoclint: Tool
    mypy: TypeCheck

    def results(self, deadline: float) -> dict[str, Result]:
        """Wait for each checker.

        Args:
            deadline: on the clock of `time.monotonic`.

        Returns:
            For each checker by name what it found, or why it could not.
        """
        readers: Mapping[str, Callable[[], list[Finding]]] = {
            "black": lambda: read_black(self.black.finish(deadline)),
            "ruff": lambda: read_ruff(self.ruff.finish(deadline)),
            "pydoclint": lambda: read_pydoclint(self.pydoclint.finish(deadline)),
            "mypy": lambda: self.mypy.errors(deadline),
        }
        results: dict[str, Result] = {}
        for name, read in readers.items():
            try:
                results[name] = read()
            except CheckerFault as fault:
                results[name] = fault
        return results

    def end(self) -> None:
        """Stop them and remove the copies."""
        for tool in (self.black, self.ruff, self.pydoclint, self.mypy):
            tool.end()
        shutil.rmtree(self.work, ignore_errors=True)


def launch(submission: Submission, budget: int, types_known: bool, mypy_cache: Path) -> Running:
    """Start the checkers on the modules that can be read, of which there is at least one.

    Args:
        submission: what to check.
        budget: how many suppressions a submission may hold before none has an effect.
        types_known: whether all packages that it may import are in the standard library.
        mypy_cache: directory that mypy keeps between runs.
    """
    work = Path(tempfile.mkdtemp(prefix="pagedlab-quality-"))
    style, types = work / "style", work / "types"
    silence_none = bool(over_budget(submission.modules, budget))
    texts = dict(submission.beside)
    texts.update({module.file: defused(module, silence_none) for module in submission.modules})
    for folder in (style, types):
        _write(folder / "pagedlab", texts)
    files = [module.file for module in submission.modules]
    paths = [f"pagedlab/{file}" for file in files]
    complete = types_known and not submission.unreadable

    def tool(name: str, *arguments: str) -> Tool:
        return Tool(name, [*arguments, *paths], style, work)

    black = tool("black", "--config", str(CONFIG / "black.toml"), "--check", "--diff", "-W", "1")
    ruff = ["check", "--config", str(CONFIG / "ruff_rules.toml"), "--ignore-noqa", "--no-cache"]
    lint = ["--config", str(CONFIG / "pydoclint.toml"), "--quiet"]
    return Running(
        work,
        mypy=TypeCheck(types, files, mypy_cache, complete),
        black=black,
        ruff=tool("ruff", *ruff, "--exit-zero", "--output-format", "json"),
        pydoclint=tool("pydoclint.main", *lint, "-sfn", "True"),
    )


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the copies. Each one's time of change follows from its content, for mypy's cache."""
    folder.mkdir(parents=True)
    for name, text in texts.items():
        data = text.encode("utf-8")
        changed = int.from_bytes(hashlib.sha256(data).digest()[:4], "little") // 2
        (folder / name).write_bytes(data)
        os.utime(folder / name, (changed, changed))
