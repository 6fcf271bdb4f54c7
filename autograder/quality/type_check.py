"""Runs mypy over a submission and reads its errors."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from autograder.quality.findings import CheckerFault, Finding
from autograder.quality.tools import Finished, Tool

CONFIG = Path(__file__).parent / "config" / "mypy.ini"
WITHOUT_A_MODULE = ("--allow-subclassing-any", "--no-warn-return-any")
"""What a module that is missing (and counted as such) must not do to those that import it."""
FIXES = {
    "explicit-any": "name the type, or `object` where any will do",
    "no-untyped-def": "annotate every argument and the result",
    "unused-ignore": "take the comment out",
}


class TypeCheck:
    """One run of mypy, repeated where the first did not come to an end.

    mypy's cache is shared by all submissions. Its entries are told apart by size and modification
    time, so the caller gives each file a time that follows from its content.
    """

    def __init__(self, work: Path, files: Sequence[str], cache: Path, complete: bool) -> None:
        """Start.

        Args:
            work: directory that holds `pagedlab/`; nobody else's, for it is changed.
            files: names of the files to check in `pagedlab/`, at least one.
            cache: mypy's cache, kept from run to run.
            complete: whether every module that these import is there with its types.
        """
        self._work, self._files, self._cache, self._complete = work, list(files), cache, complete
        self._doubted: Path | None = None
        self._tool = self._start()

    def errors(self, deadline: float) -> list[Finding]:
        """Wait, and return every error in every file that was checked.

        A file that mypy cannot parse gives its syntax error; the others are checked without it.
        A run that broke down is repeated without the cache, which is removed if that helped.

        Raises:
            CheckerFault: mypy broke down twice or did not finish in time.
        """
        found: list[Finding] = []
        while True:
            try:
                errors, blocked = read_mypy(self._tool.finish(deadline))
            except CheckerFault:
                if self._doubted or time.monotonic() > deadline:
                    raise
                self._doubted, self._cache = self._cache, self._work / "cache"
                self._tool = self._start()
                continue
            found += errors
            self._files = [file for file in self._files if file not in blocked]
            if not blocked or not self._files:
                break
            for file in blocked:
                (self._work / "pagedlab" / file).unlink(missing_ok=True)
            self._complete = False
            self._tool = self._start()
        if self._doubted:
            shutil.rmtree(self._doubted, ignore_errors=True)
        return found

    def end(self) -> None:
        """Stop it, if it still runs."""
        self._tool.end()

    def _start(self) -> Tool:
        # Other options would make mypy throw away all that it has in a cache.
        cache = self._cache / ("complete" if self._complete else "incomplete")
        arguments = ["--config-file", str(CONFIG), "--output", "json", "--cache-dir", str(cache)]
        arguments += [] if self._complete else WITHOUT_A_MODULE
        arguments += [f"pagedlab/{file}" for file in self._files]
        return Tool("mypy", arguments, self._work, self._work)


def read_mypy(finished: Finished) -> tuple[list[Finding], frozenset[str]]:
    """Errors of `mypy --output json`, and the files that kept it from checking any other.

    Raises:
        CheckerFault: mypy broke down.
    """
    found, syntax = [], set()
    for line in filter(str.strip, finished.output.splitlines()):
        try:
            entry = json.loads(line)
            file, code = Path(entry["file"]).name, entry["code"] or "misc"
            if entry["severity"] == "error":
                line_number, fix = int(entry["line"]), FIXES.get(code, "")
                found.append(Finding(file, line_number, f"mypy[{code}]", entry["message"], fix))
                syntax.add(file)
        except (ValueError, KeyError, TypeError):
            raise CheckerFault(f"mypy broke down: {finished.reason()}") from None
    if CONFIG.name in finished.errors:  # it would go on with the options that it could read
        raise CheckerFault(f"mypy did not take its configuration: {finished.reason()}")
    if finished.code not in (0, 1, 2) or bool(finished.code) != bool(found):
        raise CheckerFault(f"mypy broke down: {finished.reason()}")
    return found, frozenset(syntax if finished.code == 2 else ())
