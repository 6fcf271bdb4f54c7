"""An engine, on whatever stages are below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stage7.driver_listening import listen
from stage7.driver_memory import Memory
from stage7.driver_shown import guarded, output_of, params_of, stats_of
from stage7.driver_spy import Spy

from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from language_model.shared import shipped_model
from language_model.tiny import tiny_model

MOST_IDLE_STEPS = 20
"""Steps without a pass through the model after which nothing is to be waited for any more."""


class Engine:
    """An engine, on whatever stages are below it."""

    def __init__(self, modules: Mapping[str, Any], model: str, **settings: Any) -> None:
        from pagedlab.engine_config import EngineConfig

        self._spy = Spy(tiny_model() if model == "tiny" else shipped_model())
        self._caching = settings["enable_prefix_caching"]
        self._watched = model == "tiny"
        self._plans: list[Json] = []
        self._told: dict[str, Any] = {}
        listen(self._plans, self._told)
        _stand_in_policies()
        settings.pop("fits", None), settings.pop("refused", None)
        config = EngineConfig(attention_backend="spy", **settings)
        self._engine: Any = modules["engine"].LLMEngine(self._spy, config)
        self._memory = Memory(self._engine.model_runner, self._spy.config)
        self._names: list[str] = []

    def told(self) -> Json:
        """What the scheduler was made with."""
        return self._told.get("engine")

    def observe(self) -> Mapping[str, Json]:
        """Numbers, tables, and the cache of a tiny model."""
        engine = self._engine
        tables = {n: guarded(lambda n=n: plain(engine.get_block_ids(n))) for n in self._names}
        shown = {
            "stats": guarded(lambda: stats_of(engine.stats())),
            "unfinished": guarded(lambda: plain(engine.has_unfinished_requests())),
            "tables": tables,
            "shape": self._memory.shape(),
        }
        return {**shown, **(self._memory.show() if self._watched else {})}

    def add(
        self, binds: str, prompt: list[Any], params: Mapping[str, Any], order: Mapping[str, Any]
    ) -> Json:
        """Add a request; what the scheduler got to see of it."""
        self._told.pop("request", None)
        self._engine.add_request(binds, list(prompt), params_of(**params), **order)
        self._names.append(binds)
        return self._told.get("request")

    def fork(self, binds: str, parent: str, params: Mapping[str, Any]) -> Json:
        self._engine.fork_request(parent, binds, params_of(**params))
        self._names.append(binds)
        return binds

    def abort(self, binds: str, name: str) -> Json:
        return output_of(self._engine.abort_request(name))

    def step(self, binds: str) -> Json:
        """One step: the plan, what went through the model, and what came out."""
        outputs = self._engine.step()
        shown = [output_of(one) for one in outputs] if type(outputs) is list else plain(outputs)
        plans, self._plans[:] = list(self._plans), []
        seen = {"outputs": shown, "plans": plans, "calls": self._spy.take()}
        if self._watched and not self._caching:
            held = [guarded(lambda n=n: self._engine.get_block_ids(n)) for n in self._names]
            self._memory.poison([id for ids in held if type(ids) is list for id in ids])
        return seen

    def run(self, binds: str) -> Json:
        """Steps until nobody is unfinished."""
        seen: list[Json] = []
        idle = 0
        while self._engine.has_unfinished_requests() and idle < MOST_IDLE_STEPS:
            one: Any = self.step(binds)
            idle = 0 if one["calls"] else idle + 1
            seen.append(one)
        return seen


def _stand_in_policies() -> None:
    """Where stage 5's policies are stand-ins, let there be one for each name."""
    from pagedlab import policies
    from pagedlab.engine_config import POLICIES

    for name in POLICIES.values():
        if not hasattr(policies, name):
            setattr(policies, name, type(name, (policies.FCFSPolicy,), {}))
