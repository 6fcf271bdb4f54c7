"""The operations of stage 6; wording.py says how a student reads them.

A program is about one thing: an allocator or a memory ("memory" in its text), a tracker, or calls
of functions that keep nothing. Requests and blocks go by their own names and numbers: this stage
chooses neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stage6.wording import IMPORTS, METHODS, show_state, to_python

from autograder.program.model import Op
from autograder.protocol.plain import Json

__all__ = ["IMPORTS", "METHODS", "references", "show_state", "simpler", "to_python"]

TRACKED = ("allocate", "share", "write", "free", "finish")
"""The events of a tracker."""
Config = Mapping[str, str | int | float | bool | None]


def token_bytes(config: Config, cache_dtype: str = "auto") -> Op:
    """Bytes of a token's KV, by a model's configuration."""
    return Op("token_bytes", {"config": dict(config), "cache_dtype": cache_dtype})


def budget_blocks(config: Config, block_size: int, budget_bytes: int) -> Op:
    """Blocks that fit into a budget."""
    args = {"config": dict(config), "block_size": block_size, "budget_bytes": budget_bytes}
    return Op("budget_blocks", args)


def request_blocks(config: Config, block_size: int, num_tokens: int) -> Op:
    """Blocks that a request of that length needs to keep."""
    args = {"config": dict(config), "block_size": block_size, "num_tokens": num_tokens}
    return Op("request_blocks", args)


def reserved(policy: str, prompt: int, output: int, max_model_len: int) -> Op:
    """Slots that are reserved for a request."""
    args = {"policy": policy, "prompt": prompt, "output": output, "max_model_len": max_model_len}
    return Op("reserved", args)


def split(num_slots: int, num_used: int, num_tokens: int) -> Op:
    """Split what one request holds."""
    return Op("split", {"num_slots": num_slots, "num_used": num_used, "num_tokens": num_tokens})


def replay(memory: Op, requests: Sequence[tuple[int, int]], max_num_seqs: int = 256) -> Op:
    """Replay a trace of (prompt, output) lengths on the memory that `memory` makes."""
    lengths: list[Json] = [list(pair) for pair in requests]
    args = {"memory": memory.to_json(), "requests": lengths, "max_num_seqs": max_num_seqs}
    return Op("replay", args)


def example(memory: Op) -> Op:
    """Replay the example's trace on the memory that `memory` makes."""
    return Op("example", {"memory": memory.to_json()})


def first_fit(num_slots: int) -> Op:
    """Make a first-fit allocator."""
    return Op("first_fit", {"num_slots": num_slots})


def buddy(num_slots: int) -> Op:
    """Make a buddy allocator."""
    return Op("buddy", {"num_slots": num_slots})


def take(request: str, num_slots: int) -> Op:
    """Allocate a region."""
    return Op("take", {"request": request, "num_slots": num_slots})


def give(request: str) -> Op:
    """Free a region."""
    return Op("give", {"request": request})


def paged(num_blocks: int, block_size: int) -> Op:
    """Make a paged memory."""
    return Op("paged", {"num_blocks": num_blocks, "block_size": block_size})


def contiguous(placement: str, policy: str, num_slots: int, max_model_len: int) -> Op:
    """Make a contiguous memory.

    Its placement is "first_fit" or "buddy", the submission's own, or "row", a stand-in that has
    no places: so that a memory can be graded without an allocator.
    """
    args = {"policy": policy, "num_slots": num_slots, "max_model_len": max_model_len}
    return Op("contiguous", {"placement": placement, **args})


def admit(request: str, prompt: int, output: int) -> Op:
    """Admit a request."""
    return Op("admit", {"request": request, "prompt": prompt, "output": output})


def append(request: str) -> Op:
    """Store one more token of a request."""
    return Op("append", {"request": request})


def release(request: str) -> Op:
    """Give back what a request holds."""
    return Op("release", {"request": request})


def use(prompt: int, output: int) -> Op:
    """Ask for the use of all slots while a request of these lengths waits."""
    return Op("use", {"prompt": prompt, "output": output})


def tracker(num_blocks: int, block_size: int) -> Op:
    """Make a tracker."""
    return Op("tracker", {"num_blocks": num_blocks, "block_size": block_size})


def allocate(time: float, request: str, *blocks: int) -> Op:
    """An event: new blocks."""
    return Op("allocate", {"time": time, "request": request, "blocks": list(blocks)})


def share(time: float, request: str, *blocks: int) -> Op:
    """An event: blocks with their content."""
    return Op("share", {"time": time, "request": request, "blocks": list(blocks)})


def write(time: float, block: int, num_tokens: int) -> Op:
    """An event: so many tokens are in the block now."""
    return Op("write", {"time": time, "block": block, "num_tokens": num_tokens})


def free(time: float, request: str, *blocks: int) -> Op:
    """An event: blocks given back."""
    return Op("free", {"time": time, "request": request, "blocks": list(blocks)})


def finish(time: float, request: str) -> Op:
    """An event: a request is over."""
    return Op("finish", {"time": time, "request": request})


def percentile(percent: float) -> Op:
    """Ask the tracker for a percentile of the usage."""
    return Op("percentile", {"percent": percent})


def summarize(stays: Sequence[tuple[float, float]], start: float, end: float) -> Op:
    """Summarize a log in a window."""
    listed: list[Json] = [list(stay) for stay in stays]
    return Op("summarize", {"stays": listed, "start": start, "end": end})


def wait(rate: float, services: Sequence[float]) -> Op:
    """Ask for the mean wait of one request at a time."""
    return Op("wait", {"rate": rate, "services": list(services)})


def sojourn(rate: float, output: float, fixed: float, each: float, batch: int | None = None) -> Op:
    """Ask for the mean time under continuous batching."""
    model: dict[str, Json] = {"output": output, "fixed": fixed, "each": each, "batch": batch}
    return Op("sojourn", {"rate": rate, **model})


def largest(output: float, fixed: float, each: float, batch: int | None, slo: float) -> Op:
    """Ask for the largest rate that keeps a promise."""
    model: dict[str, Json] = {"output": output, "fixed": fixed, "each": each, "batch": batch}
    return Op("largest", {**model, "slo": slo})


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker."""
    for name in ("blocks", "requests", "stays", "services"):
        items = op.args.get(name)
        if isinstance(items, list):
            size = max(1, len(items) // 2)
            for start in range(0, len(items), size):
                yield Op(op.name, {**op.args, name: items[:start] + items[start + size :]})
    number = {"take": "num_slots", "write": "num_tokens", "admit": "output"}.get(op.name, "")
    for smaller in (0, 1, 2, 4):
        if number and smaller < int(str(op.args[number])):
            yield Op(op.name, {**op.args, number: smaller})


def references(op: Op) -> Iterator[str]:
    """An operation names nothing that an earlier one brought."""
    yield from ()
