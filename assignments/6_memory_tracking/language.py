"""The operations of stage 6 and how a student reads them.

A program is about one thing: an allocator or a memory ("memory" in its text), a tracker, or calls
of functions that keep nothing. Requests and blocks go by their own names and numbers: this stage
chooses neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from autograder.program.model import Op
from autograder.protocol.plain import Json

IMPORTS = (
    "from pagedlab.capacity import *",
    "from pagedlab.contiguous import BuddyAllocator, FirstFitAllocator",
    "from pagedlab.fragmentation import *",
    "from pagedlab.kv_cache_spec import *",
    "from pagedlab.memory_tracking import MemoryTracker",
    "from pagedlab.replay import Request, Reservation, replay",
)
METHODS = {
    "token_bytes": "spec_from_config",
    "budget_blocks": "num_blocks_for_budget",
    "request_blocks": "num_blocks_of_request",
    "reserved": "reserved_slots",
    "split": "split_holding",
    "replay": "PagedMemory.use",
    "example": "PagedMemory.use",
    "first_fit": "FirstFitAllocator.__init__",
    "buddy": "BuddyAllocator.__init__",
    "take": "BuddyAllocator.allocate",
    "give": "BuddyAllocator.free",
    "paged": "PagedMemory.__init__",
    "contiguous": "ContiguousMemory.__init__",
    "admit": "PagedMemory.admit",
    "append": "PagedMemory.append",
    "release": "PagedMemory.release",
    "use": "ContiguousMemory.use",
    "tracker": "MemoryTracker.__init__",
    "allocate": "MemoryTracker.allocate",
    "share": "MemoryTracker.share",
    "write": "MemoryTracker.write",
    "free": "MemoryTracker.free",
    "finish": "MemoryTracker.finish",
    "percentile": "MemoryTracker.percentile_usage",
    "summarize": "summarize_log",
    "wait": "mean_wait_fcfs",
    "sojourn": "mean_sojourn_batching",
    "largest": "largest_rate",
}
"""The function of the submission that each operation exercises."""

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


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](**op.args)


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


def show_state(state: Mapping[str, Json]) -> list[str]:
    """An untrusted state in short phrases: "used 5", "holes 4 at 0, 3 at 7"."""
    phrases = []
    for key, value in state.items():
        if isinstance(value, dict) and "error" in value:
            phrases.append(f"{key} unreadable")
        elif isinstance(value, list) and key == "holes":
            phrases.append("holes " + ", ".join(f"{size} at {start}" for start, size in value))
        elif isinstance(value, list) and key in FIELDS:
            names = zip(FIELDS[key], value, strict=True)
            phrases += [f"{name} {number}" for name, number in names]
        elif isinstance(value, list) and key == "leaks":
            phrases += [f"{request} leaks block {block}" for request, block in value]
        elif isinstance(value, dict) and key == "holders":
            held = ((block, names) for block, names in value.items() if names)
            phrases += [f"block {block}: {', '.join(names)}" for block, names in held]
        elif isinstance(value, dict):
            phrases += [f"{name} % of the time at most {level} %" for name, level in value.items()]
        else:
            phrases.append(f"{key} {value}")
    return phrases


FIELDS = {
    "use": ("used", "reservation", "internal", "external", "free"),
    "usage": ("num_used_blocks", "num_shared_blocks", "num_tokens", "num_wasted_slots"),
}
"""Names of what a state shows as a list of numbers."""


def _request(request: str, prompt: int, output: int) -> str:
    return f"Request({request!r}, {prompt}, {output})"


def _policy(policy: str) -> str:
    return f"Reservation.{policy.upper()}"


def _contiguous(placement: str, policy: str, num_slots: int, max_model_len: int) -> str:
    kind = "BuddyAllocator" if placement == "buddy" else "FirstFitAllocator"
    arguments = f"{kind}({num_slots}), {_policy(policy)}, {max_model_len}"
    return f"memory = ContiguousMemory({arguments})"


def _replay(memory: Mapping[str, Json], requests: list[list[int]], max_num_seqs: int) -> str:
    lengths = f"{requests[:3]}{' + ...' if len(requests) > 3 else ''}"
    trace = f"[Request(f'r{{i}}', p, o) for i, (p, o) in enumerate({lengths})]"
    return f"replay({trace}, {_made(memory)}, {max_num_seqs})  # {len(requests)} requests"


def _made(memory: Mapping[str, Json]) -> str:
    name, args = str(memory["name"]), memory["args"]
    assert isinstance(args, dict)
    return TEXTS[name](**args).removeprefix("memory = ")


def _model(output: float, fixed: float, each: float, batch: int | None) -> str:
    return f"{output}, IterationModel({fixed}, {each}, {batch})"


def _event(name: str) -> Callable[..., str]:
    def text(time: float, request: str, blocks: list[int]) -> str:
        return f"tracker.{name}({time}, {request!r}, {blocks})"

    return text


TEXTS: Mapping[str, Callable[..., str]] = {
    "token_bytes": lambda config, cache_dtype: (
        f"kv_bytes_per_token(spec_from_config({config}, {cache_dtype!r}))"
    ),
    "budget_blocks": lambda config, block_size, budget_bytes: (
        f"num_blocks_for_budget(spec_from_config({config}), {block_size}, {budget_bytes})"
    ),
    "request_blocks": lambda config, block_size, num_tokens: (
        f"num_blocks_of_request(spec_from_config({config}), {block_size}, {num_tokens})"
    ),
    "reserved": lambda policy, prompt, output, max_model_len: (
        f"reserved_slots({_policy(policy)}, {_request('a', prompt, output)}, {max_model_len})"
    ),
    "split": lambda num_slots, num_used, num_tokens: (
        f"split_holding({num_slots}, {num_used}, {num_tokens})"
    ),
    "replay": _replay,
    "example": lambda memory: f"replay(example_trace(), {_made(memory)})",
    "first_fit": lambda num_slots: f"memory = FirstFitAllocator({num_slots})",
    "buddy": lambda num_slots: f"memory = BuddyAllocator({num_slots})",
    "take": lambda request, num_slots: f"memory.allocate({request!r}, {num_slots})",
    "give": lambda request: f"memory.free({request!r})",
    "paged": lambda num_blocks, block_size: f"memory = PagedMemory({num_blocks}, {block_size})",
    "contiguous": _contiguous,
    "admit": lambda request, prompt, output: f"memory.admit({_request(request, prompt, output)})",
    "append": lambda request: f"memory.append({request!r})",
    "release": lambda request: f"memory.release({request!r})",
    "use": lambda prompt, output: f"memory.use(waiting={_request('next', prompt, output)})",
    "tracker": lambda num_blocks, block_size: (
        f"tracker = MemoryTracker(num_blocks={num_blocks}, block_size={block_size})"
    ),
    "allocate": _event("allocate"),
    "share": _event("share"),
    "write": lambda time, block, num_tokens: f"tracker.write({time}, {block}, {num_tokens})",
    "free": _event("free"),
    "finish": lambda time, request: f"tracker.finish({time}, {request!r})",
    "percentile": lambda percent: f"tracker.percentile_usage({percent})",
    "summarize": lambda stays, start, end: (
        f"summarize_log([Stay(*pair) for pair in {stays}], {start}, {end})"
    ),
    "wait": lambda rate, services: f"mean_wait_fcfs({rate}, {services})",
    "sojourn": lambda rate, output, fixed, each, batch: (
        f"mean_sojourn_batching({rate}, {_model(output, fixed, each, batch)})"
    ),
    "largest": lambda output, fixed, each, batch, slo: (
        f"largest_rate({_model(output, fixed, each, batch)}, {slo})"
    ),
}
"""By operation: the statement, from its arguments."""
