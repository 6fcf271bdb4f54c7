"""Writes plain data as TOML. The standard library only reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

BARE = re.compile(r"[A-Za-z0-9_-]+")
LINE_LENGTH = 100


def toml_text(data: Mapping[str, object]) -> str:
    """Write tables, lists, strings, numbers and booleans; the same text for the same data.

    Raises:
        TypeError: a value is of another kind.
    """
    return "\n".join(_table(data, ())).lstrip("\n") + "\n"


def _table(data: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    """Give the lines of one table: its plain values first, then what has its own header."""
    for key, value in data.items():
        if not isinstance(value, Mapping) and not _is_table_list(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in data.items():
        name = ".".join(map(_key, (*path, key)))
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]")
            yield from _table(value, (*path, key))
        elif isinstance(value, list) and _is_table_list(value):
            for entry in value:
                yield from ("", f"[[{name}]]")
                yield from _table(entry, (*path, key))


def _is_table_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(entry, Mapping) for entry in value)
    )


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _long_string(value) if "\n" in value else _string(value)
    if isinstance(value, list):
        parts = [_value(entry) for entry in value]
        line = f"[{', '.join(parts)}]"
        return (
            line
            if len(line) <= LINE_LENGTH
            else "[\n" + "".join(f"    {p},\n" for p in parts) + "]"
        )
    raise TypeError(f"cannot be written as TOML: {value!r}")


def _string(text: str) -> str:
    # JSON's escapes are all TOML's; only DEL is plain there and forbidden here.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _long_string(text: str) -> str:
    lines = (_string(line)[1:-1] for line in text.split("\n"))
    return '"""\n' + "\n".join(lines) + '"""'
