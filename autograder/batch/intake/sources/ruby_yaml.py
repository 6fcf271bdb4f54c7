"""Reads the part of Gradescope's YAML that names submissions. The rest is passed over, unread.

A general reader needs half a minute for a large class, and builds whatever the file says. This one
knows mappings and lists in block form with scalars on one line or folded, and refuses the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field

KEY = re.compile(
    r"(?P<key>'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|:?[^\s:'\"][^:]*?):(?:\s+(?P<rest>.*))?"
)
ANCHOR = re.compile(r"([&*])(\S+)(?:\s+(.*))?")
ESCAPES = {"0": "\0", "a": "\a", "e": "\x1b", "v": "\v", " ": " ", "_": "\xa0", "N": "\x85"}


class YamlError(Exception):
    """The file has not the form that it should have. Says in which line."""


@dataclass
class Entry:
    """One submission's block: the wanted values, and the wanted list of mappings."""

    values: dict[str, str] = field(default_factory=dict)
    items: list[dict[str, str]] = field(default_factory=list)


def read_entries(text: str, wanted_list: str, wanted: Collection[str]) -> dict[str, Entry]:
    """The blocks of a file by their keys, in order.

    Args:
        text: the whole file.
        wanted_list: key of a list of flat mappings.
        wanted: keys of scalars beside it.

    Raises:
        YamlError: a wanted part is not in block form, or a key stands twice.
    """
    reader = _Reader(wanted_list, wanted)
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare and bare not in ("---", "{}") and not bare.startswith("#"):
            try:
                reader.line(len(line) - len(line.lstrip(" ")), bare)
            except YamlError as error:
                raise YamlError(f"line {number}: {error}") from None
    return reader.entries


class _Reader:
    """Goes over the lines once. Remembers the entry, and the scalar that may go on."""

    def __init__(self, wanted_list: str, wanted: Collection[str]) -> None:
        self.entries: dict[str, Entry] = {}
        self._wanted_list, self._wanted = wanted_list, wanted
        self._anchors: dict[str, str] = {}
        self._entry: Entry | None = None
        self._in_list = False
        self._last: tuple[dict[str, str], str, int] | None = None

    def line(self, depth: int, bare: str) -> None:
        """Take one line that is neither empty nor a comment."""
        match = KEY.fullmatch(bare.removeprefix("- "))
        begins = bare.startswith("- ")
        if self._last and depth > self._last[2] and not (self._in_list and match):
            target, key, _ = self._last
            target[key] = self._scalar(f"{target[key]} {bare}".strip())
            return
        self._last = None
        if depth == 0 and not begins:
            self._begin(match)
        elif self._entry is None:
            raise YamlError("stands under no submission")
        elif depth <= 2 and not begins:
            self._key(self._entry, match, depth)
        elif self._in_list:
            self._submitter(self._entry, match, begins, depth)

    def _begin(self, match: re.Match[str] | None) -> None:
        if not match or (match["rest"] or "").strip():
            raise YamlError("not the name of a submission")
        name = self._scalar(match["key"])
        if name in self.entries:
            raise YamlError(f"{name} stands twice")
        self._entry = self.entries[name] = Entry()
        self._in_list = False

    def _key(self, entry: Entry, match: re.Match[str] | None, depth: int) -> None:
        key, rest = (match["key"], match["rest"] or "") if match else ("", "")
        self._in_list = key == self._wanted_list
        if self._in_list and rest not in ("", "[]"):
            raise YamlError(f"{key} is no list in block form")
        if key in self._wanted:
            self._set(entry.values, key, rest, depth)

    def _submitter(
        self, entry: Entry, match: re.Match[str] | None, begins: bool, depth: int
    ) -> None:
        if not match:
            raise YamlError("not a submitter in block form")
        if begins:
            entry.items.append({})
        if not entry.items:
            raise YamlError("no list begins here")
        self._set(entry.items[-1], match["key"], match["rest"] or "", depth + 2 * begins)

    def _set(self, target: dict[str, str], key: str, rest: str, depth: int) -> None:
        target[key] = self._scalar(rest)
        self._last = target, key, depth

    def _scalar(self, text: str) -> str:
        return _scalar(text, self._anchors)


def _scalar(text: str, anchors: dict[str, str]) -> str:
    """The text that a scalar stands for; "" for null."""
    text = text.strip()
    match = ANCHOR.fullmatch(text)
    if match and match[1] == "*":
        return anchors.get(match[2], "")
    if match:
        anchors[match[2]] = value = _scalar(match[3] or "", anchors)
        return value
    if text.startswith("!ruby/") or text.startswith("! "):
        return _scalar(text.partition(" ")[2], anchors)
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _unescaped(text[1:-1])
    return "" if text in ("~", "null") else text


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        body = match[1]
        if body[0] in "xuU":
            code = int(body[1:], 16)
            return chr(code) if code < 0x110000 else "\ufffd"
        return ESCAPES[body] if body in ESCAPES else str(json.loads(f'"\\{body}"'))

    pattern = r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0abtnvfre \"/\\N_])"
    return re.sub(pattern, one, text)
