"""Time on a GPU: how the judge takes it, and what points come of it.

No GPU was there: every number of seconds here is made up, to see what becomes of it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import torch

from autograder.paged_batch.tensors_as_bytes import to_text
from autograder.rubric.model import Anchor, Axis
from autograder.scoring.performance import earned_share, too_good
from autograder.scoring.score import rule_points, unanchored
from kernel_lanes.gpu.timing import Turn
from tests.stages.attention.bench import STAGE

gpu_time = importlib.import_module("stage4.gpu_time")
RULE = STAGE.rule("4.P10")
END = torch.arange(6, dtype=torch.float32).reshape(1, 2, 3) / 4


@dataclass
class Made:
    """Two workers and a clock, all made up: what each thing takes, and what a chain gives."""

    a_step: float = 3.0
    a_copy: float = 2.0
    always: float = 50.0
    gives: Callable[[], Any] = lambda: to_text(END.half())
    now: float = 0.0
    steps: int = 0
    asked: list[str] = field(default_factory=list)

    def kernel(self, function: str, **args: Any) -> Any:
        self.asked.append(function)
        if function == "ready_chain":
            self.now += 1000.0
            self.steps = args["steps"]
            return None
        self.now += self.always + self.a_step * self.steps
        return self.gives()

    def clean(self, function: str, **args: Any) -> Any:
        if function == "right":
            self.now += 7000.0
            return to_text(END)
        if function == "ready_copies":
            self.steps = args["times"]
            return None
        self.now += self.always + self.a_copy * self.steps
        return self.steps

    def bench(self) -> Any:
        return gpu_time.Bench(self.kernel, self.clean, lambda: self.now)


def test_a_turn_compares_a_step_with_a_copy_and_leaves_out_what_every_chain_costs() -> None:
    made = Made()
    taken = gpu_time.turns(made.bench(), range(4))
    assert taken == [Turn(3.0, 2.0)] * 4
    assert gpu_time.judged(taken).ratio == 1.5
    assert made.asked == ["ready_chain", "go"] * 8


@pytest.mark.parametrize(
    "gives",
    [
        lambda: to_text((END + 0.1).half()),
        lambda: to_text(END[:, :1].half()),
        lambda: to_text(END.half() * float("nan")),
        lambda: None,
        lambda: {"type": "something"},
        lambda: [1, 2],
    ],
)
def test_a_chain_that_ends_elsewhere_is_not_timed(gives: Callable[[], Any]) -> None:
    with pytest.raises(gpu_time.WrongEnd):
        gpu_time.turns(Made(gives=gives).bench(), range(3))


def test_steps_that_take_no_time_are_not_believed() -> None:
    with pytest.raises(gpu_time.WrongEnd, match="no time"):
        gpu_time.turns(Made(a_step=0.0).bench(), range(3))


def test_a_slow_spell_changes_nothing_and_a_restless_machine_is_told() -> None:
    assert gpu_time.judged([Turn(3.0 * slow, 2.0 * slow) for slow in (1, 1, 4, 1, 1)]).ratio == 1.5
    restless = gpu_time.judged([Turn(3.0, 2.0 + 0.2 * (n % 4)) for n in range(12)])
    assert not restless.steady


@pytest.mark.parametrize(
    ("seconds", "share"), [(1.3, 1), (1.6, 1), (4.0, 0.5), (10.4, 0), (60.0, 0)]
)
def test_made_up_seconds_become_points_between_made_up_anchors(
    seconds: float, share: float
) -> None:
    """As if the reference's step took 1.3 times a copy, and the naive solution's 10."""
    found = gpu_time.judged([Turn(seconds, 1.0)] * 9)
    assert float(earned_share(found.ratio, Anchor(1.3, 10.0))) == pytest.approx(share, abs=0.02)


def test_what_is_faster_than_memory_goes_to_a_person() -> None:
    measured = {"amount": 0.5, "least": gpu_time.LEAST}
    assert too_good(measured, Anchor(1.3, 10.0))


def test_without_anchors_the_rule_is_worth_nothing_and_with_them_its_weight() -> None:
    bare = replace(STAGE, anchors={k: v for k, v in STAGE.anchors.items() if k != RULE.id})
    assert unanchored(bare) == {RULE.id} and rule_points(bare, RULE) == 0
    made = replace(STAGE, anchors={**STAGE.anchors, RULE.id: Anchor(1.3, 10.0)})
    total = sum(one.weight for one in STAGE.cell(Axis.PERFORMANCE))
    assert rule_points(made, RULE) == STAGE.cells[Axis.PERFORMANCE] * RULE.weight / total


def test_a_bench_does_its_part_on_the_cpu_too() -> None:
    """The part of the worker without student code: copies, and where a chain must end."""
    lane = importlib.import_module("autograder.paged_batch.gpu_lane")
    shapes = importlib.import_module("kernel_lanes.shapes")
    device = importlib.import_module("kernel_lanes.gpu.measure").Device("cpu", lambda: None, 0)
    shape = shapes.decode("small", 2, 33, heads=4, kv_heads=2, head_size=16)
    bench = lane.Bench(shape, device)
    bench.ready_copies(3)
    assert bench.go() == 3
    first, second = (np.array(bench.right(seed, 2)["shape"]) for seed in (1, 2))
    assert first.tolist() == second.tolist() == [2, 4, 16]
    assert bench.right(1, 2) == bench.right(1, 2) != bench.right(2, 2)
