"""Runs stage 7's operations on a submission. Works in the worker; what it reports is a claim.

The submission gets a model and an attention backend that take notes: which tokens went through the
model, which tables and slots attention was given, which logits were asked for. Memory is filled
with NaN at first, and so is every block that nobody holds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import torch

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain
from language_model.shared import shipped_model
from language_model.tiny import tiny_model

ERRORS = ("ValueError",)
SPY = "pagedlab_spy"
"""What the attention backend of the tests is imported as."""
P = 4
MOST_IDLE_STEPS = 20
"""Steps without a pass through the model after which nothing is to be waited for any more."""
SKETCH = 8
"""So many logits of a row are told, evenly spread over the vocabulary."""
TAMPERED = 3.0
"""What the values of a slot become that the judge tampers with."""
PLAN_TABLES = ("num_scheduled_tokens", "num_computed_tokens", "new_block_ids")
PLAN_SETS = ("scheduled_new_req_ids", "resumed_req_ids", "preempted_req_ids", "finished_req_ids")
PLAN_LISTS = ("blocks_to_swap_out", "blocks_to_swap_in", "blocks_to_copy")


class Driver:
    """One program: about a runner that is given plans, or about an engine."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._subject: Any = None

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; the first makes the subject."""
        if name in ("runner", "engine", "processor"):
            torch.set_num_threads(1)
            kinds: Mapping[str, Any] = {"runner": _Runner, "engine": _Engine}
            self._subject = None
            self._subject = kinds.get(name, _Processor)(self._modules, **args)
            return self._subject.told()  # type: ignore[no-any-return]
        if self._subject is None:
            raise Undefined(name)
        return getattr(self._subject, name)(binds, **args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """All that the contract lets one see."""
        return self._subject.observe() if self._subject else {}


class Spy:
    """The model and the attention backend that a submission gets. Notes one call after another."""

    def __init__(self, model: Any) -> None:
        from pagedlab import attention_backend

        self.config = model.config
        self.calls: list[dict[str, Any]] = []
        self._model = model
        self._hidden = torch.empty(0)
        attention_backend.BACKENDS["spy"] = SPY
        sys.modules[SPY] = self  # type: ignore[assignment]

    # ---- the model -----------------------------------------------------------------------------

    def hidden_states(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Run the layers; note the batch."""
        note = {"tokens": token_ids.tolist(), "positions": positions.tolist()}
        self.calls.append({**note, "layers": [], "rows": []})
        self._hidden = self._model.hidden_states(token_ids, positions, attend)
        return self._hidden.clone()

    def logits(self, hidden: Any) -> Any:
        """Score rows; note whose they are, and some of the logits."""
        logits = self._model.logits(hidden)
        step = -(-logits.shape[-1] // SKETCH)
        for row, scores in zip(hidden, logits, strict=True):
            alike = (self._hidden == row).all(-1).nonzero().flatten().tolist()
            taken = {place for place, _ in self.calls[-1]["rows"]}
            same = [place for place in alike if place not in taken] or alike
            sketch = [round(score, 5) for score in scores[::step].tolist()]
            finite = sketch if all(score == score for score in sketch) else None
            self.calls[-1]["rows"].append([same[0] if same else -1, finite])
        return logits

    def __call__(self, token_ids: Any, positions: Any, attend: Any) -> Any:
        """Run the whole model."""
        return self.logits(self.hidden_states(token_ids, positions, attend))

    # ---- attention -----------------------------------------------------------------------------

    def write_kv_cache(self, key: Any, value: Any, *caches: Any) -> None:
        """Store keys and values; note the slots."""
        from pagedlab import torch_attention

        *both, slots = caches
        torch_attention.write_kv_cache(key, value, *both, slots)
        self.calls[-1]["layers"].append({"slots": slots.tolist()})

    def paged_attention(self, query: Any, key_cache: Any, value_cache: Any, *rest: Any) -> Any:
        """Attend; note tables and lengths."""
        from pagedlab import torch_attention

        table, lengths, starts, scale = rest
        note = {"table": table.tolist(), "lengths": lengths.tolist(), "starts": starts.tolist()}
        self.calls[-1]["layers"].append(note)
        return torch_attention.paged_attention(query, key_cache, value_cache, *rest)

    def take(self) -> list[Json]:
        """The calls since the last time, each with what attention was given in its first layer."""
        calls, self.calls = self.calls, []
        return [_call(one, self.config.num_hidden_layers) for one in calls]


def _call(noted: dict[str, Any], layers: int) -> Json:
    writes = [one["slots"] for one in noted["layers"] if "slots" in one]
    reads = [one for one in noted["layers"] if "table" in one]
    given = {"slots": writes[0] if writes else [], **(reads[0] if reads else {})}
    alike = all(one == writes[0] for one in writes) and all(one == reads[0] for one in reads)
    through = alike and len(writes) == len(reads) == layers
    told = {name: noted[name] for name in ("tokens", "positions", "rows")}
    return {**told, **given, "through_cache": through}


class _Memory:
    """Watches the caches of a runner: a number for each slot, layer, and K or V."""

    def __init__(self, runner: Any, shape: Any) -> None:
        self._runner = runner
        self._weights = weights(shape.num_key_value_heads, shape.head_dim)
        for name in ("kv_cache", "host_kv_cache"):
            cache = getattr(runner, name)
            if type(cache) is not torch.Tensor or cache.dim() != 6:
                raise TypeError(f"{name} is no tensor of 6 axes")
            cache.fill_(torch.nan)

    def show(self) -> Mapping[str, Json]:
        """Both caches: by block and offset, one number a layer and K or V; None for NaN."""
        return {name: self._prints(name) for name in ("kv_cache", "host_kv_cache")}

    def shape(self) -> Json:
        """Shape and dtype of both."""
        caches = [self._runner.kv_cache, self._runner.host_kv_cache]
        return [[list(cache.shape), str(cache.dtype)] for cache in caches]

    def poison(self, held: Sequence[int]) -> None:
        """Fill all blocks but these with NaN."""
        cache = self._runner.kv_cache
        free = [block for block in range(cache.shape[2]) if block not in set(held)]
        cache[:, :, free] = torch.nan

    def tamper(self, block: int, offset: int) -> None:
        """Change the values of one slot in all layers."""
        self._runner.kv_cache[:, 1, block, offset] = TAMPERED

    def _prints(self, name: str) -> Json:
        cache = getattr(self._runner, name)
        prints = (cache * self._weights).sum((-1, -2)).permute(2, 3, 0, 1).flatten(2)
        return [
            [None if slot[0] != slot[0] else [round(x, 4) for x in slot] for slot in block]
            for block in prints.tolist()
        ]


def weights(heads: int, size: int) -> Any:
    """By head and dimension: what makes one number of a key or a value."""
    return torch.arange(1.0, heads * size + 1).mul(0.7).cos().view(heads, size)


class _Runner:
    """A model runner that is told by the judge what to do, step by step."""

    def __init__(self, modules: Mapping[str, Any], blocks: int, host: int, seqs: int) -> None:
        from pagedlab.engine_config import EngineConfig

        self._spy = Spy(tiny_model())
        config = EngineConfig(
            block_size=P, num_blocks=blocks, num_host_blocks=host, max_num_seqs=seqs,
            max_num_batched_tokens=64, attention_backend="spy",
        )  # fmt: skip
        self._runner: Any = modules["model_runner"].ModelRunner(self._spy, config, blocks)
        self._memory = _Memory(self._runner, self._spy.config)
        self._requests: dict[str, Any] = {}
        self._params: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}

    def told(self) -> Json:
        return None

    def observe(self) -> Mapping[str, Json]:
        """Tables and caches."""
        look = self._runner.get_block_ids
        tables = {name: _guarded(lambda n=name: plain(look(n))) for name in self._shown}
        return {"tables": tables, **self._memory.show(), "shape": self._memory.shape()}

    def request(self, binds: str, prompt: list[int], params: Mapping[str, Any]) -> Json:
        from pagedlab.request import Request

        self._requests[binds] = self._shown[binds] = Request(binds, list(prompt), max_tokens=99)
        self._params[binds] = _params(**params)
        return binds

    def fork(self, binds: str, parent: str, params: Mapping[str, Any]) -> Json:
        if parent not in self._requests:
            raise Undefined(parent)
        child = self._requests[parent].fork(binds)
        self._runner.fork_request(parent, binds)
        self._requests[binds] = self._shown[binds] = child
        self._params[binds] = _params(**params)
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
            token = _token(sampled, name)
            if request.num_computed_tokens == request.num_tokens and token is not None:
                request.append_output_token_ids([token])
        return {"sampled": _table(sampled), "calls": self._spy.take()}


class _Engine:
    """An engine, on whatever stages are below it."""

    def __init__(self, modules: Mapping[str, Any], model: str, **settings: Any) -> None:
        from pagedlab.engine_config import EngineConfig

        self._spy = Spy(tiny_model() if model == "tiny" else shipped_model())
        self._caching = settings["enable_prefix_caching"]
        self._watched = model == "tiny"
        self._plans: list[Json] = []
        self._told: dict[str, Any] = {}
        _listen(self._plans, self._told)
        _stand_in_policies()
        settings.pop("fits", None), settings.pop("refused", None)
        config = EngineConfig(attention_backend="spy", **settings)
        self._engine: Any = modules["engine"].LLMEngine(self._spy, config)
        self._memory = _Memory(self._engine.model_runner, self._spy.config)
        self._names: list[str] = []

    def told(self) -> Json:
        """What the scheduler was made with."""
        return self._told.get("engine")

    def observe(self) -> Mapping[str, Json]:
        """Numbers, tables, and the cache of a tiny model."""
        engine = self._engine
        tables = {n: _guarded(lambda n=n: plain(engine.get_block_ids(n))) for n in self._names}
        shown = {
            "stats": _guarded(lambda: _stats(engine.stats())),
            "unfinished": _guarded(lambda: plain(engine.has_unfinished_requests())),
            "tables": tables,
            "shape": self._memory.shape(),
        }
        return {**shown, **(self._memory.show() if self._watched else {})}

    def add(
        self, binds: str, prompt: list[Any], params: Mapping[str, Any], order: Mapping[str, Any]
    ) -> Json:
        """Add a request; what the scheduler got to see of it."""
        self._told.pop("request", None)
        self._engine.add_request(binds, list(prompt), _params(**params), **order)
        self._names.append(binds)
        return self._told.get("request")

    def fork(self, binds: str, parent: str, params: Mapping[str, Any]) -> Json:
        """Fork, unless the stage below stands in for a scheduler and cannot."""
        from pagedlab.scheduler import Scheduler

        if getattr(Scheduler, "cannot_fork", False):
            return "no forks here"
        self._engine.fork_request(parent, binds, _params(**params))
        self._names.append(binds)
        return binds

    def abort(self, binds: str, name: str) -> Json:
        return _output(self._engine.abort_request(name))

    def step(self, binds: str) -> Json:
        """One step: the plan, what went through the model, and what came out."""
        outputs = self._engine.step()
        shown = [_output(one) for one in outputs] if type(outputs) is list else plain(outputs)
        plans, self._plans[:] = list(self._plans), []
        seen = {"outputs": shown, "plans": plans, "calls": self._spy.take()}
        if self._watched and not self._caching:
            held = [_guarded(lambda n=n: self._engine.get_block_ids(n)) for n in self._names]
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


def _listen(plans: list[Json], told: dict[str, Any]) -> None:
    """Note what schedulers are told and every plan that they make, from now on, in these."""
    from pagedlab import scheduler

    kind: Any = scheduler.Scheduler
    methods = ("__init__", "add_request", "schedule")
    unnoted = kind.__dict__.get("unnoted") or {name: getattr(kind, name) for name in methods}

    def made(
        self: Any, config: Any, kv_cache_manager: Any, policy: Any, host_pool: Any = None
    ) -> None:
        unnoted["__init__"](self, config, kv_cache_manager, policy, host_pool)
        limits = (config.max_num_batched_tokens, config.max_num_seqs, config.watermark_blocks)
        told["engine"] = {
            "limits": [*map(plain, limits), plain(config.preemption_mode)],
            "policy": type(policy).__name__[:40],
            "block_size": plain(kv_cache_manager.block_size),
            "caching": _caches(kv_cache_manager),
            "host": 0 if host_pool is None else plain(host_pool.get_num_free_blocks()),
        }

    def added(self: Any, request: Any) -> None:
        shown = (request.token_ids, request.max_tokens, sorted(request.stop_token_ids))
        deadline = None if request.deadline == float("inf") else request.deadline
        order = (request.priority, deadline, request.client)
        told["request"] = [*map(plain, shown), *map(plain, order)]
        unnoted["add_request"](self, request)

    def scheduled(self: Any) -> Any:
        plan = unnoted["schedule"](self)
        plans.append(_plan(plan))
        return plan

    kind.unnoted = unnoted
    kind.__init__, kind.add_request, kind.schedule = made, added, scheduled


def _caches(manager: Any) -> bool | None:
    """Whether a manager that nobody has used yet caches full blocks: it leaves one behind."""
    from pagedlab.request import Request

    probe = Request("probe", [0] * (manager.block_size + 1), extra_keys=("probe",))
    if manager.allocate_slots(probe, len(probe.token_ids)) is None:
        return None  # a pool too small to tell
    manager.free(probe)
    return len(manager.get_computed_blocks(probe)[0]) > 0


def _stand_in_policies() -> None:
    """Where stage 5's policies are stand-ins, let there be one for each name."""
    from pagedlab import policies
    from pagedlab.engine_config import POLICIES

    for name in POLICIES.values():
        if not hasattr(policies, name):
            setattr(policies, name, type(name, (policies.FCFSPolicy,), {}))


class _Processor:
    """Admission by itself."""

    def __init__(self, modules: Mapping[str, Any], **limits: int) -> None:
        self._processor: Any = modules["input_processor"].InputProcessor(**limits)

    def told(self) -> Json:
        return None

    def observe(self) -> Mapping[str, Json]:
        """Nothing: it keeps nothing."""
        return {}

    def process(self, binds: str, prompt: list[Any], params: Mapping[str, Any]) -> Json:
        given = list(prompt)
        made = self._processor.process_inputs("r", given, _params(**params))
        copied = made.token_ids is not given
        told = [made.request_id, made.token_ids, made.max_tokens, sorted(made.stop_token_ids)]
        return [*map(plain, told), copied]


def _params(stop: Sequence[int] = (), **given: Any) -> Any:
    from pagedlab.sampling_params import SamplingParams

    return SamplingParams(stop_token_ids=frozenset(stop), **given)


def _token(sampled: Any, name: str) -> int | None:
    found = sampled.get(name) if type(sampled) is dict else None
    token = found[0] if type(found) in (list, tuple) and found else None
    return token if type(token) is int and 0 <= token < 1 << 31 else None


def _table(value: Any) -> Json:
    if type(value) is not dict or len(value) > 100:
        return plain(value)
    return {str(name)[:40]: plain(one) for name, one in value.items()}


def _plan(output: Any) -> Json:
    """A plan as plain data; sets are sorted."""
    shown = {name: _table(getattr(output, name, None)) for name in PLAN_TABLES}
    for name in PLAN_SETS:
        found = getattr(output, name, None)
        shown[name] = plain(sorted(map(str, found))) if type(found) is set else plain(found)
    return {**shown, **{name: plain(getattr(output, name, None)) for name in PLAN_LISTS}}


FIELDS = (
    "request_id", "new_token_ids", "finished", "finish_reason", "num_prompt_tokens",
    "num_cached_tokens", "num_preemptions",
)  # fmt: skip


def _output(output: Any) -> Json:
    if output is None or type(output).__name__ != "RequestOutput":
        return plain(output)
    return {name: plain(getattr(output, name, None)) for name in FIELDS}


def _stats(stats: Any) -> Json:
    if type(stats).__name__ != "EngineStats":
        return plain(stats)
    return {name: plain(getattr(stats, name, None)) for name in type(stats).__dataclass_fields__}


def _guarded(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"[:200]}
