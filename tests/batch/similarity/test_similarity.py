"""Copies are found through renaming and reordering; what was given, or is obvious, counts not."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from autograder.batch.similarity.fingerprints import fingerprints
from autograder.batch.similarity.pairs import Pair, alike
from autograder.cli.grading import ROOT


def program(seed: int, functions: int = 14) -> list[str]:
    """A module of functions that nobody else would write."""
    dice = random.Random(seed)
    parts = []
    for number in range(functions):
        lines = [f"def work_{number}(values, limit):", '    """Given words."""', "    total = 0"]
        for _ in range(10):
            lines.append(
                dice.choice(
                    [
                        f"    total += sum(values[{dice.randint(0, 9)}:]) * limit",
                        f"    if total > limit ** {dice.randint(2, 9)}: total = -total",
                        "    for one in values:\n        total ^= hash((one, limit))",
                        "    while total and total % 2 == 0:\n        total //= 2",
                        "    values = sorted(set(values), key=lambda one: (one % 7, one))",
                        "    total = max(total, *(one * limit for one in values), 0)",
                        "    try:\n        total += int(values.pop())\n    except IndexError:\n"
                        "        return total",
                    ]
                )
            )
        parts.append("\n".join([*lines, "    return total"]))
    return parts


@pytest.fixture
def save(tmp_path: Path):
    def write(name: str, parts: list[str]) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "work.py").write_text("\n\n\n".join(parts) + "\n")
        return folder

    return write


def disguised(parts: list[str]) -> list[str]:
    """Renamed, reordered, commented, laid out anew."""
    text = [re.sub(r"\b(total|values|limit|one)\b", r"\1_x", part) for part in parts]
    text = [part.replace("    return", "    # a remark\n\n    return") for part in text]
    return [part.replace("Given", "Other") for part in reversed(text)]


def pairs_of(folders: dict[str, Path], given: set[int] | None = None) -> list[Pair]:
    return alike({key: fingerprints(one) for key, one in folders.items()}, given or set())


def test_a_disguised_copy_is_found_and_nobody_else(save) -> None:
    folders = {f"s{number}": save(f"s{number}", program(number)) for number in range(12)}
    folders["copy"] = save("copy", disguised(program(3)))
    (pair,) = pairs_of(folders)
    assert {pair.one, pair.other} == {"s3", "copy"} and pair.share > 0.8
    assert len(pair.places) == 3 and all(one.startswith("work.py:") for one, _ in pair.places)


def test_a_part_is_found_too(save) -> None:
    folders = {f"s{number}": save(f"s{number}", program(number)) for number in range(12)}
    mixed = disguised(program(3)[:7]) + program(99)[:7]
    folders["half"] = save("half", mixed)
    (pair,) = pairs_of(folders)
    assert {pair.one, pair.other} == {"s3", "half"} and 0.3 < pair.share < 0.8


def test_what_everybody_was_given_counts_for_nothing(save) -> None:
    given = program(50)
    folders = {f"s{n}": save(f"s{n}", given + program(n, 5)) for n in range(4)}
    assert pairs_of(folders, set(fingerprints(save("given", given)))) == []


def test_what_many_wrote_is_the_obvious_way(save) -> None:
    obvious = program(60)
    folders = {f"s{n}": save(f"s{n}", obvious + program(n, 5)) for n in range(12)}
    assert [pair for pair in pairs_of(folders) if pair.share > 0.5] == []


def test_code_that_cannot_be_read_has_what_stands_before_the_error(save, tmp_path: Path) -> None:
    folder = save("broken", program(1))
    text = (folder / "work.py").read_text()
    (folder / "work.py").write_text(text + "def broken(:\n  '''never closed")
    assert fingerprints(folder)
    (folder / "work.py").write_bytes(b"\x00\xff\xfe")
    fingerprints(folder)
    assert fingerprints(tmp_path / "nowhere") == {}


def test_the_starter_is_like_nobody(tmp_path: Path) -> None:
    given = set(fingerprints(ROOT / "starter" / "pagedlab"))
    starter = fingerprints(ROOT / "starter" / "pagedlab")
    assert alike({"a": starter, "b": starter}, given) == []
