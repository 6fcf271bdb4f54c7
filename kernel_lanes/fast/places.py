"""Source places in TTIR: `loc(…)` behind operations, resolved to file:line."""

from __future__ import annotations

import re
from pathlib import PurePath

_ALIAS = re.compile(r"^(#loc\d*) = loc\((.*)\)$", re.MULTILINE)
_FILE = re.compile(r'"([^"]*)":(\d+):\d+')


def cut(line: str) -> tuple[str, str]:
    """A line without its places, and the last of them as it was written."""
    rest, last = [], ""
    at = 0
    while (found := line.find("loc(", at)) >= 0:
        end = _closing(line, found + 3)
        rest.append(line[at:found].rstrip() + (" " if line[end + 1 : end + 2] == " " else ""))
        last = line[found + 4 : end]
        at = end + 1
    rest.append(line[at:])
    return "".join(rest).rstrip(), last


class Places:
    """The aliases of one module's text."""

    def __init__(self, text: str) -> None:
        """Read them."""
        self._aliases = dict(_ALIAS.findall(text))

    def resolve(self, written: str) -> str:
        """File name and line of a place, "" if it has none. Named places lead to their own."""
        for _ in range(32):
            if match := _FILE.search(written):
                return f"{PurePath(match[1]).name}:{match[2]}"
            alias = re.search(r"#loc\d*", written)
            if alias is None or alias[0] not in self._aliases:
                return ""
            written = self._aliases[alias[0]]
        return ""


def _closing(line: str, opening: int) -> int:
    """Where the parenthesis that opens at `opening` closes; file names may hold others."""
    depth, quoted = 0, False
    for at in range(opening, len(line)):
        sign = line[at]
        if sign == '"' and line[at - 1] != "\\":
            quoted = not quoted
        if quoted:
            continue
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return at
    return len(line) - 1
