"""A model runner that is told by the judge what to do, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage7.driver_memory import Memory
from stage7.driver_shown import (
    PLAN_LISTS,
    PLAN_SETS,
    PLAN_TABLES,
    guarded,
    params_of,
    table_of,
    token_of,
)
from stage7.driver_spy import Spy

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain
from language_model.tiny import tiny_model

P = 4


class Runner:
    """A model runner that is told by the judge what to do, step by step."""

    def __init__(self, modules: Mapping[str, Any], blocks: int, host: int, seqs: int) -> None:
        from pagedlab.engine_config import EngineConfig

        self._spy = Spy(tiny_model())
        config = EngineConfig(
            block_size=P, num_blocks=blocks, num_host_blocks=host, max_num_seqs=seqs,
            max_num_batched_tokens=64, attention_backend="spy",
        )  # fmt: skip
        self._runner: Any = modules["model_runner"].ModelRunner(self._spy, config, blocks)
        self._memory = Memory(self._runner, self._spy.config)
        self._requests: dict[str, Any] = {}
        self._params: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}

    def told(self) -> Json:
        return None

    def observe(self) -> Mapping[str, Json]:
        """Tables and caches."""
        look = self._runner.get_block_ids
        tables = {name: guarded(lambda n=name: plain(look(n))) for name in self._shown}
        return {"tables": tables, **self._memory.show(), "shape": self._memory.shape()}

    def request(self, binds: str, prompt: list[int], params: Mapping[str, Any]) -> Json:
        from pagedlab.request import Request

        self._requests[binds] = self._shown[binds] = Request(binds, list(prompt), max_tokens=99)
        self._params[binds] = params_of(**params)
        return binds

    def fork(self, binds: str, parent: str, params: Mapping[str, Any]) -> Json:
        if parent not in self._requests:
            raise Undefined(parent)
        child = self._requests[parent].fork(binds)
        self._runner.fork_request(parent, binds)
        self._requests[binds] = self._shown[binds] = child
        self._params[binds] = params_of(**params)
        return binds

    def tamper(self, binds: str, block: int, offset: int) -> Json:
        self._memory.tamper(block, offset)
        return None

    def execute(self, binds: str, plan: Mapping[str, Any]) -> Json:
        """Run one step; then let the requests take their tokens in, as a scheduler would."""
        from pagedlab.sched_output import SchedulerOutput

        tables = {name: dict(plan[name]) for name in PLAN_TABLES}
        sets = {name: set(plan[name]) for name in PLAN_SETS}
        lists = {name: [tuple(pair) for pair in plan[name]] for name in PLAN_LISTS}
        if any(name not in self._requests for name in tables["num_scheduled_tokens"]):
            raise Undefined("request")
        output = SchedulerOutput(**tables, **sets, **lists)
        for name, start in tables["num_computed_tokens"].items():
            count = tables["num_scheduled_tokens"][name]
            self._requests[name].num_computed_tokens = start + count
        sampled = self._runner.execute_model(output, self._requests, self._params)
        for name in output.num_scheduled_tokens:
            request = self._requests[name]
            token = token_of(sampled, name)
            if request.num_computed_tokens == request.num_tokens and token is not None:
                request.append_output_token_ids([token])
        return {"sampled": table_of(sampled), "calls": self._spy.take()}
