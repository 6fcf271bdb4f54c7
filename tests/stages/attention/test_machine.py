"""From what a kernel is compiled to, to points of loss: pure, and told in the student's terms."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import pytest

from kernel_lanes.facts import KernelFacts
from kernel_lanes.record import BadRecord
from tests.assignments.handout import HANDOUTS
from tests.stages.attention.bench import STAGE

machine = importlib.import_module("stage4.machine")
CLEAN = KernelFacts("k", "sm_80", (64, 8, 1), 4, tensor_core=32, loads_wide=40)


def facts(one: KernelFacts) -> dict[str, list[KernelFacts]]:
    return {call: [one] for call in machine.CALLS}


def test_a_kernel_that_loses_nothing_costs_1() -> None:
    assert machine.loss(facts(CLEAN)) == 1.0


@pytest.mark.parametrize(
    ("change", "cost"),
    [
        ({"tensor_core": 0}, 4.0),
        ({"loads_wide": 20, "loads_narrow": 20}, 2.5),
        ({"loads_wide": 0, "loads_narrow": 40}, 4.0),
        ({"spill_stores": 32, "spill_loads": 32}, 2.0),
        ({"spill_stores": 100_000}, 4.0),
    ],
)
def test_each_thing_that_costs_a_gpu_time_costs_points(change: Any, cost: float) -> None:
    assert machine.loss(facts(replace(CLEAN, **change))) == cost


def test_machines_and_calls_count_alike() -> None:
    worse = replace(CLEAN, target="sm_90", tensor_core=0)
    both = {**facts(CLEAN), "decode": [CLEAN, worse]}
    assert machine.loss(both) == 2.0


def test_the_first_error_is_told_with_its_call_and_machine() -> None:
    broken = replace(CLEAN, error="attention.py:41: not a tile")
    assert machine.first_error(facts(CLEAN)) == ""
    assert machine.first_error({**facts(CLEAN), "prefill": [broken]}) == (
        "prefill, for sm_80: attention.py:41: not a tile"
    )
    assert "no kernel" in machine.first_error({**facts(CLEAN), "write": []})


@pytest.mark.parametrize(
    "reply",
    [None, {}, {"decode": [], "prefill": []}, {call: 7 for call in machine.CALLS}]
    + [{call: [{"kernel": "k"}] for call in machine.CALLS}],
)
def test_what_is_no_report_is_refused(reply: Any) -> None:
    with pytest.raises(BadRecord):
        machine.read_facts(reply)


def test_the_handout_tells_the_references_loss() -> None:
    (handout,) = (one for one in HANDOUTS if one.stage.id == STAGE.id)
    assert f"The reference has {STAGE.anchors['4.P6'].reference:.2f}" in handout.text
