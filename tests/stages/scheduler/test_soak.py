"""A long load leaves nothing behind, and breaks no invariant on the way. `make soak` runs more."""

from __future__ import annotations

import re

import pytest

from tests.stages.scheduler.bench import REFERENCE, part


def test_a_thousand_requests_leave_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(REFERENCE))
    part("soak").main(1000)
    said = capsys.readouterr().out
    assert said.count("every invariant held") == 2
    assert min(int(count) for count in re.findall(r"preempted_req_ids (\d+)", said)) > 0
    assert max(int(count) for count in re.findall(r"blocks_to_swap_in (\d+)", said)) > 0
