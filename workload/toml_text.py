"""Writes the files of `tables/`: just what they need of TOML."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any


def toml_text(content: Mapping[str, Any]) -> str:
    """Give the text: plain values first, then one table for each mapping in `content`."""
    plain = {key: value for key, value in content.items() if not isinstance(value, Mapping)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for name, table in content.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{name}]"]
            lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() else f'"{key}"'


def _value(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        text = ", ".join(_value(item) for item in value)
        if len(text) < 80:
            return f"[{text}]"
        wrapped = textwrap.fill(text, 96, initial_indent="  ", subsequent_indent="  ")
        return f"[\n{wrapped},\n]"
    return f"{value:g}" if isinstance(value, float) else str(value)
