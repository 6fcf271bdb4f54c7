"""The operations of stage 5; wording.py says how a student reads them.

A program is about a scheduler (`new`), about a policy by itself (`policy`), about a log (`log`), or
about predictions. Requests go by name. A step is `schedule`, the model, and `update_from_output`;
the model of these tests is `next_token` in driver_text.py, so that tokens can be checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stage5.wording import IMPORTS, METHODS, show_state, to_python

from autograder.program.model import Op
from autograder.protocol.plain import Json

__all__ = ["IMPORTS", "METHODS", "references", "show_state", "simpler", "to_python"]


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
