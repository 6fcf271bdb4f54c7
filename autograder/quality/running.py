"""The external checkers of one submission, at work on copies of its files."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.quality.docstrings import read_pydoclint
from autograder.quality.findings import CheckerFault, Finding
from autograder.quality.formatting import read_black, read_ruff
from autograder.quality.modules import Submission
from autograder.quality.suppressions import defused, over_budget
from autograder.quality.tools import Finished, Tool
from autograder.quality.type_check import TypeCheck

CONFIG = Path(__file__).parent / "config"
COMMANDS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "black": ("black", "black.toml", ("--check", "--diff", "-W", "1")),
    "ruff": (
        "ruff",
        "ruff_rules.toml",
        ("check", "--ignore-noqa", "--no-cache", "--exit-zero", "--output-format", "json-lines"),
    ),
    "pydoclint": ("pydoclint.main", "pydoclint.toml", ("--quiet", "-sfn", "True")),
}
"""For each tool but mypy the module to run, its configuration, and its other arguments."""
READERS: Mapping[str, Callable[[Finished], list[Finding]]] = {
    "black": read_black,
    "ruff": read_ruff,
    "pydoclint": read_pydoclint,
}
Result = list[Finding] | CheckerFault


@dataclass(frozen=True)
class Running:
    """Some of the four checkers as processes, and the directory that they work in."""

    work: Path
    tools: Mapping[str, Tool | TypeCheck]

    def results(self, deadline: float) -> dict[str, Result]:
        """Wait for each checker.

        Args:
            deadline: on the clock of `time.monotonic`.

        Returns:
            For each checker by name what it found, or why it could not.
        """
        results: dict[str, Result] = {}
        for name, tool in self.tools.items():
            try:
                if isinstance(tool, TypeCheck):
                    results[name] = tool.errors(deadline)
                else:
                    results[name] = READERS[name](tool.finish(deadline))
            except CheckerFault as fault:
                results[name] = fault
        return results

    def end(self) -> None:
        """Stop them and remove the copies."""
        for tool in self.tools.values():
            tool.end()
        shutil.rmtree(self.work, ignore_errors=True)


def launch(
    submission: Submission, names: Collection[str], budget: int, types_known: bool, cache: Path
) -> Running:
    """Start checkers on the modules that can be read, of which there is at least one.

    Args:
        submission: what to check.
        names: which of "black", "ruff", "mypy" and "pydoclint" to start.
        budget: how many suppressions a submission may hold before none has an effect.
        types_known: whether all packages that it may import are in the standard library.
        cache: directory that mypy keeps between runs.
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
    tools: dict[str, Tool | TypeCheck] = {}
    running = Running(work, tools)
    try:
        if "mypy" in names:
            complete = types_known and not submission.unreadable
            tools["mypy"] = TypeCheck(types, files, cache, complete)
        for name, (module, config, arguments) in COMMANDS.items():
            if name in names:
                command = [*arguments, "--config", str(CONFIG / config), *paths]
                tools[name] = Tool(module, command, style, work)
    except BaseException:
        running.end()
        raise
    return running


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the copies. Each one's time of change follows from its content, for mypy's cache."""
    folder.mkdir(parents=True)
    for name, text in texts.items():
        data = text.encode("utf-8")
        changed = int.from_bytes(hashlib.sha256(data).digest()[:4], "little") // 2
        (folder / name).write_bytes(data)
        os.utime(folder / name, (changed, changed))
