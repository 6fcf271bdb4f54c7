"""How a student reads stage 5's operations and states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stage5.driver_queueing import COST
from stage5.driver_runner import P

from autograder.program.model import Op
from autograder.protocol.plain import Json

IMPORTS = (
    "from pagedlab.block_pool import BlockPool",
    "from pagedlab.experiment import run",
    "from pagedlab.kv_cache_manager import KVCacheManager",
    "from pagedlab.policies import *",
    "from pagedlab.queueing import *",
    "from pagedlab.request import Request",
    "from pagedlab.sched_output import SchedulerConfig",
    "from pagedlab.scheduler import Scheduler",
    "from pagedlab.simulator import CostModel",
)
METHODS = {
    "new": "Scheduler.__init__",
    "add": "Scheduler.add_request",
    "step": "Scheduler.schedule",
    "fork": "Scheduler.fork_request",
    "abort": "Scheduler.finish_requests",
    "policy": "SchedulingPolicy",
    "arrive": "SchedulingPolicy.on_added",
    "serve": "SchedulingPolicy.on_scheduled",
    "leave": "SchedulingPolicy.on_finished",
    "rank": "SchedulingPolicy.sort_key",
    "log": "RequestLog.__init__",
    "record": "RequestLog.record",
    "little": "RequestLog.little",
    "run": "RequestLog.record",
    "largest": "largest_rate",
    "predict": "predict",
}
"""The function of the submission that each operation exercises."""

POLICIES = {
    "fcfs": "FCFSPolicy()",
    "priority": "PriorityPolicy()",
    "aging": "PriorityPolicy(aging=10.0)",
    "sla": "SLAPolicy()",
    "fair": "FairPolicy()",
    "own": "OwnPolicy()",
    "bad_aging": "PriorityPolicy(aging=0.0)",
}


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](op.binds, **op.args)


def show_state(state: Mapping[str, Json]) -> list[str]:
    """An untrusted state in short phrases: "free 3", "a: RUNNING, 5 of 6 computed, blocks [2]"."""
    phrases = [f"{key} {value}" for key, value in state.items() if isinstance(value, int)]
    requests = state.get("requests")
    for name, shown in requests.items() if isinstance(requests, dict) else ():
        if isinstance(shown, dict) and "outputs" in shown:
            outputs = shown["outputs"]
            made = len(outputs) if isinstance(outputs, list) else "?"
            phrases.append(
                f"{name}: {shown.get('status')}, {shown.get('computed')} computed,"
                f" {made} generated, blocks {shown.get('table')}"
            )
    return phrases


def _new(name: str, **args: Json) -> str:
    blocks, host = int(str(args["blocks"])), int(str(args["host"]))
    limits = [f"{args['tokens']}, {args['seqs']}"]
    limits += [f"watermark_blocks={args['watermark']}"] if args["watermark"] else []
    limits += ["preemption_mode='swap'"] if host else []
    parts = [
        f"SchedulerConfig({', '.join(limits)})",
        f"KVCacheManager({P}, BlockPool({blocks + 1}))",
        POLICIES[str(args["policy"])],
        *([f"BlockPool({host + 1})"] if host else []),
    ]
    return f"scheduler = Scheduler({', '.join(parts)})"


def _made(name: str, args: Mapping[str, Json]) -> str:
    prompt = args["prompt"]
    tokens = f"own_prompt('{name}', {prompt})" if isinstance(prompt, int) else f"{prompt}"
    given = [f"Request('{name}', {tokens}", f"max_tokens={args['out']}"]
    names = {"at": "arrival_time", "priority": "priority", "deadline": "deadline"}
    given += [f"{text}={args[key]}" for key, text in names.items() if args[key]]
    given += [f"client={args['client']!r}"] if args["client"] else []
    given += [f"stop_token_ids=frozenset({args['stop']})"] if args["stop"] else []
    return ", ".join(given) + ")"


def _step(name: str, says: Mapping[str, Json], abort: Sequence[str]) -> str:
    shown = [f"says={dict(says)}"] if says else []
    shown += [f"abort={list(abort)}"] if abort else []
    return f"step(scheduler{''.join(', ' + one for one in shown)})"


def _pairs(lengths: Sequence[Sequence[int]]) -> str:
    return f"[{', '.join(str(tuple(pair)) for pair in lengths)}], CostModel{COST}"


TEXTS: Mapping[str, Callable[..., str]] = {
    "new": _new,
    "add": lambda name, **args: f"scheduler.add_request({_made(name, args)})",
    "step": _step,
    "fork": lambda name, parent: f"{name} = {parent}.fork('{name}'); "
    f"scheduler.fork_request('{parent}', {name})",
    "abort": lambda name, names: f"scheduler.finish_requests({names})",
    "policy": lambda name, kind: f"policy = {POLICIES[kind]}",
    "arrive": lambda name, **args: f"{name} = {_made(name, args)}; policy.on_added({name})",
    "serve": lambda name, request, tokens: f"policy.on_scheduled({request}, {tokens})",
    "leave": lambda name, request: f"policy.on_finished({request})",
    "rank": lambda name, names: f"sorted([{', '.join(names)}], key=policy.sort_key)",
    "log": lambda name: "log = RequestLog()",
    "record": lambda _, time, who, event: f"log.record({time}, {who!r}, {event!r})",
    "little": lambda name, part: f"log.little({part!r})",
    "run": lambda name, load, requests, blocks: f"log = run({load}, {requests}, {blocks}).log",
    "largest": lambda name, lengths: f"largest_rate({_pairs(lengths)})",
    "predict": lambda name, rate, lengths: f"predict({rate}, {_pairs(lengths)})",
}
"""By operation: the statement, from the name that it binds and its arguments."""
