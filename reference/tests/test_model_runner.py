"""Stage 7: a runner that is told what to do, against the plain model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import torch

from language_model.generate import generate
from language_model.tiny import tiny_model
from pagedlab.engine_config import EngineConfig
from pagedlab.model_runner import ModelRunner
from pagedlab.request import Request
from pagedlab.sampling_params import SamplingParams
from pagedlab.sched_output import SchedulerOutput

MODEL = tiny_model()
Scheduled = Mapping[str, tuple[int, int, list[int]]]


class Bench:
    """A runner with its requests, which get their tokens as a scheduler would give them."""

    def __init__(self, prompts: Mapping[str, list[int]], host: int = 4) -> None:
        config = EngineConfig(block_size=4, max_num_seqs=4, num_host_blocks=host)
        self.runner = ModelRunner(MODEL, config, 12)
        self.runner.kv_cache.fill_(torch.nan)
        self.requests = {name: Request(name, list(prompt)) for name, prompt in prompts.items()}
        self.prompts = {name: list(prompt) for name, prompt in prompts.items()}
        self.params = {
            name: SamplingParams(seed=3, request=place, temperature=0.9)
            for place, name in enumerate(prompts)
        }

    def run(
        self, scheduled: Scheduled, **more: set[str] | list[tuple[int, int]]
    ) -> dict[str, list[int]]:
        plan = SchedulerOutput(
            {name: count for name, (_, count, _) in scheduled.items()},
            {name: start for name, (start, _, _) in scheduled.items()},
            {name: block_ids for name, (_, _, block_ids) in scheduled.items()},
        )
        for name, value in more.items():
            setattr(plan, name, value)
        said = self.runner.execute_model(plan, self.requests, self.params)
        for name, tokens in said.items():
            self.requests[name].append_output_token_ids(tokens)
        return said

    def begin(self, scheduled: Scheduled) -> dict[str, list[int]]:
        return self.run(scheduled, scheduled_new_req_ids=set(scheduled))

    def check(self, *names: str) -> None:
        """Everybody has said what the plain model says alone."""
        for name in names:
            prompt, params = self.prompts[name], self.params[name]
            alone = generate(
                MODEL, prompt, temperature=0.9, seed=params.seed, request=params.request
            )
            said = self.requests[name].token_ids[len(prompt) :]
            assert said == list(islice(alone, len(said)))
            assert said


def test_prompts_chunks_and_single_tokens_run_together() -> None:
    bench = Bench({"a": [5, 6, 7, 8, 9], "b": list(range(10)), "z": [40]})
    said = bench.begin({"b": (0, 6, [7, 1]), "a": (0, 5, [9, 2])})
    assert (len(said["a"]), len(said["b"])) == (1, 0)
    bench.run({"a": (5, 1, []), "z": (0, 1, [3]), "b": (6, 4, [4])}, scheduled_new_req_ids={"z"})
    bench.run({"z": (1, 1, []), "b": (10, 1, []), "a": (6, 1, [])})
    # a is left out of a step.
    bench.run({"b": (11, 1, []), "z": (2, 1, [])})
    bench.run({"a": (7, 1, []), "z": (3, 1, [])})
    bench.run({"z": (4, 1, [10]), "a": (8, 1, [11])})
    bench.check("a", "b", "z")
    assert bench.runner.get_block_ids("a") == [9, 2, 11]
    assert bench.run({}) == {}


def test_rows_of_the_ended_go_and_an_id_may_come_back() -> None:
    bench = Bench({"a": [5, 6, 7], "b": [8, 9], "c": [1, 2, 3, 4, 5]})
    bench.begin({"a": (0, 3, [3]), "b": (0, 2, [5]), "c": (0, 5, [1, 2])})
    bench.run({"c": (5, 1, [])}, finished_req_ids={"a"})
    assert bench.runner.get_block_ids("a") == []
    bench.requests["b"] = Request("b", [30, 31, 32, 33, 34])
    bench.prompts["b"] = [30, 31, 32, 33, 34]
    again = {"b": (0, 5, [7, 3]), "c": (6, 1, [])}
    bench.run(again, finished_req_ids={"b"}, scheduled_new_req_ids={"b"})
    bench.run({"b": (5, 1, []), "c": (7, 1, [])})
    bench.check("b", "c")


def test_a_victim_is_computed_again() -> None:
    bench = Bench({"a": [5, 6, 7, 8, 9], "b": [1, 2, 3]})
    bench.begin({"a": (0, 5, [3, 4]), "b": (0, 3, [5])})
    bench.run({"b": (3, 1, [])}, preempted_req_ids={"a"})
    assert bench.runner.get_block_ids("a") == []
    bench.run({"b": (4, 1, [8]), "a": (0, 6, [9, 1])}, resumed_req_ids={"a"})
    bench.run({"a": (6, 1, []), "b": (5, 1, [])})
    bench.check("a", "b")


def test_a_victim_goes_to_the_host_and_comes_back() -> None:
    bench = Bench({"a": [5, 6, 7, 8, 9], "b": [1, 2, 3]})
    bench.begin({"a": (0, 5, [3, 4]), "b": (0, 3, [5])})
    # b takes one of a's blocks in the step in which a leaves, and a third comes in where b was.
    out = [(3, 4), (4, 1)]
    bench.run({"b": (3, 1, [])}, preempted_req_ids={"a"}, blocks_to_swap_out=out)
    back = [(4, 8), (1, 6)]
    swapped = {"blocks_to_swap_in": back, "blocks_to_swap_out": [(5, 2)]}
    bench.run({"a": (5, 1, [8, 6])}, resumed_req_ids={"a"}, preempted_req_ids={"b"}, **swapped)
    bench.run(
        {"b": (4, 1, [5, 3]), "a": (6, 1, [])}, resumed_req_ids={"b"}, blocks_to_swap_in=[(2, 5)]
    )
    bench.run({"b": (5, 1, []), "a": (7, 1, [])})
    bench.check("a", "b")


def test_transfers_go_out_then_in_then_inside() -> None:
    runner = Bench({}).runner
    for block in range(12):
        runner.kv_cache[:, :, block] = block
    before = runner.kv_cache.clone()
    plan = SchedulerOutput(
        blocks_to_swap_out=[(5, 1)], blocks_to_swap_in=[(1, 7)], blocks_to_copy=[(7, 9), (9, 8)]
    )
    runner.execute_model(plan, {}, {})
    before[:, :, 7] = before[:, :, 9] = 5
    before[:, :, 8] = 9
    assert torch.equal(runner.kv_cache, before)


def test_a_fork_shares_until_somebody_writes() -> None:
    bench = Bench({"a": [5, 6, 7, 8, 9], "d": [1, 2, 3]})
    bench.begin({"a": (0, 5, [3, 4]), "d": (0, 3, [10])})
    bench.requests["b"] = bench.requests["a"].fork("b")
    bench.prompts["b"] = list(bench.requests["b"].token_ids)
    bench.params["b"] = SamplingParams(seed=8, temperature=0.9)
    bench.runner.fork_request("a", "b")
    bench.run({"d": (3, 1, [])})
    plan = {"a": (5, 1, [9]), "b": (5, 1, []), "d": (4, 1, [11])}
    bench.run(plan, blocks_to_copy=[(4, 9)])
    tables = {name: bench.runner.get_block_ids(name) for name in "abd"}
    assert tables == {"a": [3, 9], "b": [3, 4], "d": [10, 11]}
    bench.run({"b": (6, 1, []), "a": (6, 1, []), "d": (5, 1, [])})
    bench.check("a", "b", "d")


def test_the_model_runs_once_a_step_and_hears_the_cache() -> None:
    bench = Bench({"a": [5, 6, 7], "b": [5, 6, 7]})
    bench.params = dict.fromkeys("ab", SamplingParams(temperature=0.0))
    passes: list[int] = []

    class Counting:
        config = MODEL.config
        logits = staticmethod(MODEL.logits)

        @staticmethod
        def hidden_states(token_ids: torch.Tensor, *rest: object) -> torch.Tensor:
            passes.append(len(token_ids))
            return MODEL.hidden_states(token_ids, *rest)

    bench.runner = ModelRunner(Counting(), EngineConfig(block_size=4, max_num_seqs=4), 12)
    said = bench.begin({"a": (0, 3, [3]), "b": (0, 3, [5])})
    assert said["a"] == said["b"]
    bench.runner.kv_cache[:, 1, 5, :3] = torch.arange(8.0)
    said = bench.run({"a": (3, 1, []), "b": (3, 1, [])})
    assert passes == [6, 2]
    assert said["a"] != said["b"]
