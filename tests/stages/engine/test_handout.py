"""What the handout of stage 7 says of the code is so."""

from __future__ import annotations

import re
from typing import Any

from tests.assignments.handout import HANDOUTS
from tests.stages.engine.bench import REFERENCE, part, running

HANDOUT = next(one for one in HANDOUTS if one.stage.id == 7)


def test_every_operation_of_the_engine_is_in_the_table() -> None:
    text = (REFERENCE / "pagedlab" / "engine.py").read_text(encoding="utf-8")
    public = set(re.findall(r"^    def ([a-z]\w+)\(", text, re.MULTILINE))
    section = HANDOUT.section("Operations")
    assert public <= set(re.findall(r"`(\w+)\(", section))


def test_the_worked_trace_is_what_the_reference_does() -> None:
    language = part("operations")
    first = language.execute({"a": (0, 6, [5, 2]), "b": (0, 2, [7])}, new="ab")
    program = (
        *(language.runner(), language.request("a", 6), language.request("b", 3), first),
        language.execute({"a": (6, 1, []), "b": (2, 1, [])}),
        language.execute({"a": (7, 1, []), "b": (3, 1, [])}),
        language.execute({"a": (8, 1, [3]), "b": (4, 1, [1])}),
    )
    with running(REFERENCE) as observe:
        seen = observe(program)[3:]
    rows = re.findall(
        r"^\| \d \| .* \| .* \| ([\d ]+) \| ([\d ]+) \| ([\d, ]+) \| .* \|$",
        HANDOUT.section("Contract page"),
        re.MULTILINE,
    )
    assert len(rows) == 4
    for (positions, slots, lengths), one in zip(rows, seen, strict=True):
        result: Any = one.result
        call = result["calls"][0]
        assert call["positions"] == [int(number) for number in positions.split()]
        assert call["slots"] == [int(number) for number in slots.split()]
        assert call["lengths"] == [int(number) for number in lengths.split(", ")]
