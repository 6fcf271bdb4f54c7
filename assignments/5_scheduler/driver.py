"""Runs stage 5's operations on a submission. Works in the worker; what it reports is a claim.

It plays the model runner, too: it keeps KV in imagined memory, block by block, does what the plan
says and nothing else, and lets the model read what is there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

ERRORS = ("OutOfBlocks", "DoubleFree", "UnknownBlock", "ValueError")
P = 4
LISTS = ("blocks_to_swap_out", "blocks_to_swap_in", "blocks_to_copy")
SETS = ("scheduled_new_req_ids", "resumed_req_ids", "preempted_req_ids", "finished_req_ids")
COUNTS = ("num_scheduled_tokens", "num_computed_tokens")
COST = (0.02, 0.0001, 0.000001)
LITTLE = ("mean_number", "arrival_rate", "mean_seconds")
PARTS: tuple[Any, ...] = ("system", "queue", "service")
PREDICTION = ("step_seconds", "mean_running", "mean_seconds")


def next_token(tokens: Sequence[int]) -> int:
    """What the model says after these tokens. Each of them, and its place, makes a difference."""
    state = 7
    for token in tokens:
        state = (state * 31 + token + 1) % 1_000_003
    return 10 + state % 89


def own_prompt(name: str, size: int) -> list[int]:
    """Tokens that no request of another name begins with."""
    first = sum((place + 1) * ord(letter) for place, letter in enumerate(name))
    return [1000 * first + place for place in range(size)]


class Driver:
    """One program, about what its first operation says: a scheduler, a policy, a log."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._subject: Any = None

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; only some can be the first."""
        if name == "new":
            self._subject = _Server(self._modules, **args)
            return None
        if name == "policy":
            self._subject = _Rules(self._modules["policies"], **args)
            return None
        if name in ("log", "largest", "predict", "run") and self._subject is None:
            self._subject = _Queueing(self._modules["queueing"])
        if self._subject is None:
            raise Undefined(name)
        return getattr(self._subject, name)(binds, **args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """All that the contract lets one see of a scheduler; nothing of the others."""
        return self._subject.observe() if isinstance(self._subject, _Server) else {}


class _Server:
    """A scheduler, its requests by name, and a model runner."""

    def __init__(
        self,
        modules: Mapping[str, ModuleType],
        blocks: int,
        tokens: int,
        seqs: int,
        policy: str,
        watermark: int,
        host: int,
    ) -> None:
        from pagedlab.block_pool import BlockPool
        from pagedlab.kv_cache_manager import KVCacheManager
        from pagedlab.sched_output import SchedulerConfig

        self._pool: Any = BlockPool(blocks + 1)
        self._host: Any = BlockPool(host + 1) if host else None
        self._manager: Any = KVCacheManager(P, self._pool)
        config = SchedulerConfig(tokens, seqs, watermark, "swap" if host else "recompute")
        rules = _policy(modules["policies"], policy)
        scheduler = modules["scheduler"].Scheduler
        self._scheduler: Any = scheduler(config, self._manager, rules, self._host)
        self._requests: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}
        self._runner = _Runner()

    def observe(self) -> Mapping[str, Json]:
        """Free blocks here and on the host, counts, and every request."""
        return {
            "free": _guarded(lambda: plain(self._pool.get_num_free_blocks())),
            "host_free": _guarded(self._host_free),
            "counts": _guarded(lambda: plain(self._scheduler.get_request_counts())),
            "requests": {name: _guarded(self._show, one) for name, one in self._shown.items()},
        }

    def add(self, binds: str, **args: Any) -> Json:
        made = _request(binds, **args)
        self._scheduler.add_request(made)
        self._requests[binds] = self._shown[binds] = made
        return binds

    def fork(self, binds: str, parent: str) -> Json:
        if parent not in self._requests:
            raise Undefined(parent)
        child = self._requests[parent].fork(binds)
        self._scheduler.fork_request(parent, child)
        self._requests[binds] = self._shown[binds] = child
        self._runner.fork(parent, binds)
        return binds

    def abort(self, binds: str, names: list[str]) -> Json:
        return plain(self._scheduler.finish_requests(names))

    def step(self, binds: str, says: Mapping[str, list[int]], abort: list[str]) -> Json:
        """Schedule, run the model, update; what the plan was, and what was seen after it.

        What had ended before is shown no more.
        """
        self._shown = {name: one for name, one in self._shown.items() if not _has_ended(one)}
        output = self._scheduler.schedule()
        plan = _plan(output)
        seen: dict[str, Json] = {"plan": plan, "scheduled": self.observe()}
        try:
            said = self._runner.run(plan, self._requests)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return {**seen, "cannot_run": f"{type(error).__name__}: {error}"[:200]}
        seen["tables"] = {name: list(table) for name, table in self._runner.tables.items()}
        if abort:
            self._scheduler.finish_requests(list(abort))
        told = {name: list(says.get(name, tokens)) for name, tokens in said.items()}
        emitted = self._scheduler.update_from_output(output, told)
        return {**seen, "emitted": _table(emitted)}

    def _host_free(self) -> Json:
        return plain(self._host.get_num_free_blocks()) if self._host else 0

    def _show(self, request: Any) -> Json:
        return {
            "status": str(getattr(request.status, "name", request.status))[:40],
            "outputs": plain(request.token_ids[request.num_prompt_tokens :]),
            "prompt": plain(request.num_prompt_tokens),
            "computed": plain(request.num_computed_tokens),
            "cached": plain(request.num_cached_tokens),
            "preemptions": plain(request.num_preemptions),
            "table": plain(self._manager.get_block_ids(request)),
        }


def _has_ended(request: Any) -> bool:
    return str(getattr(request.status, "name", "")).startswith("FINISHED")


class _Runner:
    """Memory of device and host, slot by slot, and the block tables that the plans have brought."""

    def __init__(self) -> None:
        self.tables: dict[str, list[int]] = {}
        self._device: dict[tuple[int, int], int] = {}
        self._host: dict[tuple[int, int], int] = {}

    def fork(self, parent: str, child: str) -> None:
        self.tables[child] = list(self.tables.get(parent, []))

    def run(self, plan: Mapping[str, Any], requests: Mapping[str, Any]) -> dict[str, list[int]]:
        """Do what the plan says; give what the model says of each request in it."""
        for name in (*plan["finished_req_ids"], *plan["preempted_req_ids"]):
            self.tables.pop(name, None)
        self._transfer(plan["blocks_to_swap_out"], self._device, self._host)
        self._transfer(plan["blocks_to_swap_in"], self._host, self._device)
        self._transfer(plan["blocks_to_copy"], self._device, self._device)
        ends = {}
        for name, count in plan["num_scheduled_tokens"].items():
            self._update_table(name, plan)
            start = plan["num_computed_tokens"][name]
            ends[name] = start + count
            tokens = requests[name].token_ids
            for position in range(start, min(ends[name], len(tokens))):
                self._device[self._slot(name, position)] = tokens[position]
        return {name: [self._says(name, end)] for name, end in ends.items()}

    def _transfer(self, pairs: Sequence[Any], source: Any, target: Any) -> None:
        moved = {
            (new, offset): source.get((old, offset), -1)
            for old, new in pairs
            for offset in range(P)
        }
        target.update(moved)

    def _update_table(self, name: str, plan: Mapping[str, Any]) -> None:
        new_ids = list(plan["new_block_ids"][name])
        if name in plan["scheduled_new_req_ids"] or name in plan["resumed_req_ids"]:
            self.tables[name] = new_ids
            return
        table = self.tables.setdefault(name, [])
        if table and new_ids and [table[-1], new_ids[0]] in plan["blocks_to_copy"]:
            table.pop()
        table += new_ids

    def _says(self, name: str, end: int) -> int:
        slots = (self._slot(name, position) for position in range(end))
        return next_token([self._device.get(slot, -1) for slot in slots])

    def _slot(self, name: str, position: int) -> tuple[int, int]:
        table = self.tables[name]
        return (table[position // P] if position // P < len(table) else -1, position % P)


class _Rules:
    """A policy by itself."""

    def __init__(self, module: ModuleType, kind: str) -> None:
        self._policy: Any = _policy(module, kind)
        self._requests: dict[str, Any] = {}

    def arrive(self, binds: str, **args: Any) -> Json:
        made = _request(binds, **args)
        self._policy.on_added(made)
        self._requests[binds] = made
        return binds

    def serve(self, binds: str, request: str, tokens: int) -> Json:
        return plain(self._policy.on_scheduled(self._named(request), tokens))

    def leave(self, binds: str, request: str) -> Json:
        return plain(self._policy.on_finished(self._named(request)))

    def rank(self, binds: str, names: list[str]) -> Json:
        """The names in the policy's order; those with equal keys in the given one."""
        keys = {name: self._policy.sort_key(self._named(name)) for name in names}
        for key in keys.values():
            if type(key) is not tuple:
                return {"type": type(key).__name__}
        return sorted(names, key=lambda name: keys[name])  # type: ignore[return-value]

    def _named(self, name: str) -> Any:
        if name not in self._requests:
            raise Undefined(name)
        return self._requests[name]


class _Queueing:
    """A log, and the two predictions."""

    def __init__(self, module: ModuleType) -> None:
        from pagedlab.simulator import CostModel

        self._module: Any = module
        self._cost = CostModel(*COST)
        self._log: Any = None

    def log(self, binds: str) -> Json:
        self._log = self._module.RequestLog()
        return None

    def record(self, binds: str, time: float, who: str, event: str) -> Json:
        if self._log is None:
            raise Undefined("log")
        return plain(self._log.record(time, who, event))

    def little(self, binds: str, part: str) -> Json:
        if self._log is None:
            raise Undefined("log")
        return self._shown(self._log.little(part), LITTLE)

    def run(self, binds: str, load: float, requests: int, blocks: int) -> Json:
        """The course's experiment: what happened, what the log says of it, what was predicted."""
        from pagedlab.experiment import run

        done = run(load, requests, blocks)
        return {
            "events": [list(event) for event in done.events],
            "little": {part: self._shown(done.log.little(part), LITTLE) for part in PARTS},
            "predicted": self._shown(done.prediction, PREDICTION),
        }

    def largest(self, binds: str, lengths: list[list[int]]) -> Json:
        return plain(self._module.largest_rate([tuple(pair) for pair in lengths], self._cost))

    def predict(self, binds: str, rate: float, lengths: list[list[int]]) -> Json:
        found = self._module.predict(rate, [tuple(pair) for pair in lengths], self._cost)
        return self._shown(found, PREDICTION)

    def _shown(self, found: Any, names: Sequence[str]) -> Json:
        return [plain(getattr(found, name)) for name in names]


def _policy(module: Any, kind: str) -> Any:
    makers = {
        "fcfs": lambda: module.FCFSPolicy(),
        "priority": lambda: module.PriorityPolicy(),
        "aging": lambda: module.PriorityPolicy(aging=10.0),
        "bad_aging": lambda: module.PriorityPolicy(aging=0.0),
        "sla": lambda: module.SLAPolicy(),
        "fair": lambda: module.FairPolicy(),
        "own": lambda: module.OwnPolicy(),
    }
    return makers[kind]()


def _request(
    name: str,
    prompt: int | list[int],
    out: int,
    at: float,
    priority: int,
    deadline: float | None,
    client: str,
    stop: list[int],
) -> Any:
    from pagedlab.request import Request

    return Request(
        name,
        own_prompt(name, prompt) if isinstance(prompt, int) else list(prompt),
        max_tokens=out,
        stop_token_ids=frozenset(stop),
        arrival_time=at,
        priority=priority,
        deadline=math.inf if deadline is None else deadline,
        client=client,
    )


def _plan(output: Any) -> dict[str, Any]:
    """A SchedulerOutput as plain data; a field of another type shows it."""
    shown: dict[str, Any] = {name: _table(getattr(output, name, None)) for name in COUNTS}
    shown["new_block_ids"] = _table(getattr(output, "new_block_ids", None))
    for name in (*SETS, *LISTS):
        value = getattr(output, name, None)
        if name in SETS and type(value) in (set, frozenset):
            value = sorted(value, key=str)
        shown[name] = plain(value)
    return shown


def _table(value: Any) -> Json:
    """A dict of plain data by request id, or the type of what it is."""
    if type(value) is not dict or len(value) > 1000:
        return {"type": {"name": type(value).__name__[:80]}}
    return {str(key)[:80]: plain(one) for key, one in value.items()}


def _guarded(read: Any, *args: Any) -> Json:
    """A reading, or the error that it raised: one broken method must not blind all rules."""
    try:
        return read(*args)  # type: ignore[no-any-return]
    except Exception as error:
        return {"error": type(error).__name__}
