"""Which lanes a machine has is asked once, and can be cut down."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import ModuleType

import pytest

from autograder.judge.lanes import LEFT_OUT, lanes_of
from tests.scoring.bench import STANDARD, stage

BARE = stage(STANDARD)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the machine was asked."""
    times: list[int] = []
    module = ModuleType("lanes_of_a_test")

    def missing() -> dict[str, str]:
        times.append(1)
        return {"gpu": "no driver", "other": "not asked for"}

    module.missing = missing  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return times


def test_each_lane_of_the_stages_has_its_reason_or_none(asked: list[int]) -> None:
    made = replace(BARE, lanes={"fast": "", "gpu": ""}, lanes_from="lanes_of_a_test")
    assert lanes_of([BARE, made]) == {"fast": "", "gpu": "no driver"}
    assert lanes_of([made], {"fast"}) == {"fast": "", "gpu": LEFT_OUT}
    assert lanes_of([made], ()) == {"fast": LEFT_OUT, "gpu": LEFT_OUT}
    assert len(asked) <= 1


def test_a_stage_without_lanes_asks_nothing(asked: list[int]) -> None:
    assert lanes_of([BARE]) == {} and not asked
