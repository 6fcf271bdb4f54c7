"""What a worker says of a run is read back whole, or refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from kernel_lanes.facts import ArgumentFacts, CaptureFacts, KernelFacts, LaunchFacts
from kernel_lanes.record import ArrayTraffic, BadRecord, Fault, LaunchRecord, Record

RECORD = Record(
    (LaunchRecord("k", (2, 3, 1), {"x": ArrayTraffic(64, 2, 2, 8, 1, 4)}, 100, 32),),
    Fault("race", "two programs", "attention.py:7", (0, 1, 2)),
    {"empty": 2},
)
CAPTURE = CaptureFacts(
    (
        LaunchFacts(
            "k", (1, 1, 1), (ArgumentFacts("x", "float16", (2, 3), (3, 1), True),),
            {"n": 3, "scale": 0.5, "flag": True, "none": None, "kind": "fp16"}, 4, 3,
        ),
    ),
    {"empty_like": 1},
)  # fmt: skip
FACTS = KernelFacts("k", "sm_80", (8, 1, 1), 4, registers=96, loads_wide=3, loads_narrow=1)
EXAMPLES = (RECORD, CAPTURE, FACTS)


@pytest.mark.parametrize("one", EXAMPLES)
def test_what_is_told_as_json_is_read_back_whole(one: Any) -> None:
    assert type(one).from_plain(json.loads(json.dumps(one.plain()))) == one


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of nested data."""
    inner = data.items() if isinstance(data, dict) else ()
    if isinstance(data, list | tuple):
        inner = list(enumerate(data))
    return [path, *(p for key, value in inner for p in places(value, (*path, key)))]


@pytest.mark.parametrize("one", EXAMPLES)
@pytest.mark.parametrize("wrong", [-1, 1.5, "x" * 5000, [[]], {}, None, True, 1 << 70])
def test_no_wrong_value_anywhere_is_more_than_a_bad_record(one: Any, wrong: Any) -> None:
    data = json.loads(json.dumps(one.plain()))
    for path in places(data):
        if not path:
            continue
        spoilt = copy.deepcopy(data)
        holder = spoilt
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = wrong
        try:
            type(one).from_plain(spoilt)
        except BadRecord:
            pass


@pytest.mark.parametrize("kind", [Record, CaptureFacts, KernelFacts])
@pytest.mark.parametrize("data", [None, [], "launches", {}, {"launches": 7}, 3])
def test_what_is_no_record_is_refused(kind: Any, data: Any) -> None:
    with pytest.raises(BadRecord):
        kind.from_plain(data)


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "7", 1 << 70])
def test_counts_are_whole_numbers(wrong: Any) -> None:
    data = RECORD.plain()
    data["launches"][0]["arrays"]["x"]["load_bytes"] = wrong
    with pytest.raises(BadRecord):
        Record.from_plain(data)


def test_a_fault_is_told_in_one_line() -> None:
    assert str(RECORD.fault) == "attention.py:7: program (0, 1, 2): two programs"
    assert RECORD.launches[0].programs == 6
