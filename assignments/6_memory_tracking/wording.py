"""How a student reads stage 6's operations and states."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](**op.args)


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
