"""What a kernel must not do is found, by both engines alike, with its line and its program."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kernels.child import HERE, results

KINDS = ("interpreted", "compiled")

pytestmark = pytest.mark.timeout(300)  # children that import torch, on a busy machine


@pytest.fixture(scope="module")
def seen() -> dict[str, dict[str, Any]]:
    """What the cases gave, by kind of process."""
    return {kind: results(kind, "cases_faults.py") for kind in KINDS}


def line_of(words: str) -> str:
    """Where the line stands that says it is wrong in these words."""
    lines = (HERE / "faulty.py").read_text(encoding="utf-8").splitlines()
    number = next(i for i, text in enumerate(lines, start=1) if text.endswith(f"# wrong: {words}"))
    return f"faulty.py:{number}"


@pytest.mark.parametrize("engine", KINDS)
@pytest.mark.parametrize(
    ("case", "kind", "place", "words"),
    [
        (
            "load_past_the_end",
            "out_of_bounds",
            "unmasked load",
            "6 of 16 lanes, first at element 10",
        ),
        ("store_past_the_end", "out_of_bounds", "unmasked store", "writes out of bounds"),
        ("unreadable_slot", "unreadable", "unreadable slot", "'cache': 1 of 3 lanes"),
        ("interleaved_arrays", "out_of_bounds", "unreadable slot", "of 'keys'"),
        ("far_block", "out_of_bounds", "overflow of 32 bits", "element -2,001,207,296 of 'x'"),
        ("uninitialised_scratch", "uninitialised", "scratch", "'scratch'"),
        ("false_assertion", "assertion", "assertion", "must be positive"),
        ("swallowed", "out_of_bounds", "unmasked load", "reads out of bounds"),
    ],
)
def test_a_fault_is_found_with_its_line(
    seen: dict[str, dict[str, Any]], engine: str, case: str, kind: str, place: str, words: str
) -> None:
    fault = seen[engine][case]["fault"]
    assert fault is not None
    assert (fault["kind"], fault["place"]) == (kind, line_of(place))
    assert words in fault["message"]


@pytest.mark.parametrize("engine", KINDS)
@pytest.mark.parametrize(
    ("case", "result"),
    [
        ("readable_slots", [0.0, 8.0, 16.0]),
        ("initialised_scratch", [28.0]),
        ("last_one_adds", [16.0]),
        ("last_one_adds_shuffled", [16.0]),
    ],
)
def test_what_is_right_is_left_alone(
    seen: dict[str, dict[str, Any]], engine: str, case: str, result: list[float]
) -> None:
    assert seen[engine][case]["fault"] is None
    assert seen[engine][case]["result"] == result


@pytest.mark.parametrize("engine", KINDS)
def test_a_masked_lane_without_other_gives_no_number(
    seen: dict[str, dict[str, Any]], engine: str
) -> None:
    assert seen[engine]["sum_without_other"] == {"fault": None, "result": [None], "launches": 1}


def test_both_engines_say_the_same(seen: dict[str, dict[str, Any]]) -> None:
    both = set(seen["interpreted"]) & set(seen["compiled"])
    assert len(both) >= 12
    assert {case: seen["interpreted"][case] for case in both} == {
        case: seen["compiled"][case] for case in both
    }


@pytest.mark.parametrize(
    ("case", "place", "program"),
    [
        ("same_element", "race", [1, 0, 0]),
        ("neighbours", "race of writer", [1, 0, 0]),
        ("neighbours_reversed", "race of reader", [2, 0, 0]),
        ("two_lanes", "race of lanes", [0, 0, 0]),
        ("first_one_adds", "race unordered", [7, 0, 0]),
    ],
)
def test_a_race_is_found_in_any_order_of_programs(
    seen: dict[str, dict[str, Any]], case: str, place: str, program: list[int]
) -> None:
    fault = seen["interpreted"][case]["fault"]
    assert (fault["kind"], fault["place"]) == ("race", line_of(place))
    assert fault["program"] == program


def test_races_are_not_looked_for_where_they_are_not_asked_for(
    seen: dict[str, dict[str, Any]],
) -> None:
    assert seen["interpreted"]["same_element_unwatched"]["fault"] is None
