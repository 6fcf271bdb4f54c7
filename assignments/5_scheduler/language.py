"""The operations of stage 5 and how a student reads them.

A program is about a scheduler (`new`), about a policy by itself (`policy`), about a log (`log`), or
about predictions. Requests go by name. A step is `schedule`, the model, and `update_from_output`;
the model of these tests is `next_token` in driver.py, so that tokens can be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

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
P = 4
"""Block size of all programs."""
COST = (0.02, 0.0001, 0.000001)
"""What a step costs in the programs about predictions: fixed, a token, a KV token."""


def new(
    blocks: int,
    tokens: int = 16,
    seqs: int = 4,
    *,
    policy: str = "fcfs",
    watermark: int = 0,
    host: int = 0,
) -> Op:
    """Make a scheduler; the first operation of a program about one.

    Args:
        blocks: usable ones of the pool.
        tokens: budget of a step.
        seqs: most running requests.
        policy: a key of POLICIES.
        watermark: blocks to be left by an admission.
        host: usable blocks on the host; above 0 victims are swapped out.
    """
    args = {"blocks": blocks, "tokens": tokens, "seqs": seqs, "policy": policy}
    return Op("new", {**args, "watermark": watermark, "host": host})


def add(
    name: str,
    prompt: int | Sequence[int],
    out: int = 4,
    *,
    at: float = 0.0,
    priority: int = 0,
    deadline: float | None = None,
    client: str = "",
    stop: Sequence[int] = (),
) -> Op:
    """Add a request; a prompt that is a number stands for so many tokens of its own."""
    return Op("add", _request(prompt, out, at, priority, deadline, client, stop), binds=name)


def arrive(
    name: str,
    *,
    at: float = 0.0,
    priority: int = 0,
    deadline: float | None = None,
    client: str = "",
    prompt: int = 1,
) -> Op:
    """Tell a policy by itself of a request."""
    return Op("arrive", _request(prompt, 4, at, priority, deadline, client, ()), binds=name)


def step(says: Mapping[str, Sequence[int]] | None = None, abort: Sequence[str] = ()) -> Op:
    """Run one step.

    Args:
        says: what the model says of some requests, in place of `next_token`.
        abort: requests that are aborted between the step's schedule and its update.
    """
    told = {name: list(tokens) for name, tokens in (says or {}).items()}
    return Op("step", {"says": told, "abort": list(abort)})


def steps(count: int) -> tuple[Op, ...]:
    """Run some steps."""
    return (step(),) * count


def fork(parent: str, child: str) -> Op:
    """Fork a running request."""
    return Op("fork", {"parent": parent}, binds=child)


def abort(*names: str) -> Op:
    """Abort requests between two steps."""
    return Op("abort", {"names": list(names)})


def policy(kind: str) -> Op:
    """Make a policy by itself."""
    return Op("policy", {"kind": kind})


def serve(name: str, tokens: int) -> Op:
    """Tell a policy by itself that a request is served."""
    return Op("serve", {"request": name, "tokens": tokens})


def leave(name: str) -> Op:
    """Tell a policy by itself that a request has finished."""
    return Op("leave", {"request": name})


def rank(*names: str) -> Op:
    """Ask a policy by itself for the order of requests."""
    return Op("rank", {"names": list(names)})


def log() -> Op:
    """Make a log."""
    return Op("log")


def record(time: float, name: str, event: str) -> Op:
    """Note an event in the log."""
    return Op("record", {"time": time, "who": name, "event": event})


def little(part: str) -> Op:
    """Measure one part of the log."""
    return Op("little", {"part": part})


def run(load: float, requests: int, blocks: int = 2000) -> Op:
    """Let the submission's scheduler serve the experiment of the handout (§5.8), and log it."""
    return Op("run", {"load": load, "requests": requests, "blocks": blocks})


def largest(*lengths: tuple[int, int]) -> Op:
    """Ask for the largest rate."""
    return Op("largest", {"lengths": [list(pair) for pair in lengths]})


def predict(rate: float, *lengths: tuple[int, int]) -> Op:
    """Ask for a prediction."""
    return Op("predict", {"rate": rate, "lengths": [list(pair) for pair in lengths]})


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](op.binds, **op.args)


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker."""
    if op.name == "add":
        prompt, out = op.args["prompt"], int(str(op.args["out"]))
        size = prompt if isinstance(prompt, int) else 1
        for key, least in (("prompt", size), ("out", out)):
            for smaller in sorted({1, least // 2, least - 1}):
                if 0 < smaller < least:
                    yield Op(op.name, {**op.args, key: smaller}, op.binds)
    elif op.name == "step":
        said, gone = op.args["says"], op.args["abort"]
        if said or gone:
            yield Op("step", {"says": {}, "abort": []})


def references(op: Op) -> Iterator[str]:
    """What an operation names of earlier results."""
    for key in ("parent", "request"):
        if key in op.args:
            yield str(op.args[key])
    if op.name == "rank":
        yield from map(str, op.args["names"])  # type: ignore[arg-type]


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


def _request(
    prompt: int | Sequence[int],
    out: int,
    at: float,
    priority: int,
    deadline: float | None,
    client: str,
    stop: Sequence[int],
) -> dict[str, Json]:
    return {
        "prompt": prompt if isinstance(prompt, int) else list(prompt),
        "out": out,
        "at": at,
        "priority": priority,
        "deadline": deadline,
        "client": client,
        "stop": list(stop),
    }


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
