"""Stage 7. Your own tests of the model runner. They are graded, too (handout, task 9)."""

from __future__ import annotations

from language_model.tiny import tiny_model
from pagedlab.engine_config import EngineConfig
from pagedlab.model_runner import ModelRunner
from pagedlab.request import Request
from pagedlab.sampling_params import SamplingParams
from pagedlab.sched_output import SchedulerOutput


def test_a_chunk_draws_nothing() -> None:
    runner = ModelRunner(tiny_model(), EngineConfig(block_size=4), 10)
    request = Request("a", [1, 2, 3, 4, 5])
    plan = SchedulerOutput({"a": 3}, {"a": 0}, {"a": [7]}, scheduled_new_req_ids={"a"})
    assert runner.execute_model(plan, {"a": request}, {"a": SamplingParams()}) == {"a": []}


# Write yours below. Plans are yours to make: swaps, copies, forks, block ids in no order.
