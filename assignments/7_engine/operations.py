"""The operations of stage 7, and how they are made.

A program is about a model runner that gets its plans from the test (`runner`), about an engine
(`engine`), or about admission by itself (`processor`). Requests go by name. In programs about a
runner, blocks are named by the test, and hold 4 tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.program.model import Op
from autograder.protocol.plain import Json

P = 4
"""Block size of all programs with a tiny model."""
VOCABULARY = {"tiny": 64, "shipped": 1024}
POSITIONS = {"tiny": 256, "shipped": 1024}


def own_prompt(name: str, size: int, vocabulary: int = 64) -> list[int]:
    """Tokens of a prompt that hang on the name."""
    state, tokens = sum((place + 3) * ord(letter) for place, letter in enumerate(name)), []
    for _ in range(size):
        state = (state * 1103515245 + 12345) % 2**31
        tokens.append((state >> 12) % vocabulary)
    return tokens


def draws(
    temperature: float = 1.0, seed: int = 7, request: int = 0, **more: Any
) -> dict[str, Json]:
    """Sampling parameters as plain data; `more` are max_tokens and stop."""
    return {"temperature": temperature, "seed": seed, "request": request, **more}


# ---- a model runner -----------------------------------------------------------------------------


def runner(blocks: int = 13, host: int = 0, seqs: int = 4) -> Op:
    """Make a runner: `blocks` with the null block, `host` without it."""
    return Op("runner", {"blocks": blocks, "host": host, "seqs": seqs})


def request(name: str, prompt: int | Sequence[int], **params: Any) -> Op:
    """Make a request known; a number stands for so many tokens of its own."""
    return Op("request", {"prompt": _prompt(name, prompt), "params": draws(**params)}, binds=name)


def fork(parent: str, child: str, **params: Any) -> Op:
    """Fork a request, in a runner or in an engine."""
    return Op("fork", {"parent": parent, "params": draws(**params)}, binds=child)


def execute(
    scheduled: Mapping[str, tuple[int, int, Sequence[int]]] | None = None,
    *,
    new: Sequence[str] = (),
    resumed: Sequence[str] = (),
    preempted: Sequence[str] = (),
    finished: Sequence[str] = (),
    swap_out: Sequence[tuple[int, int]] = (),
    swap_in: Sequence[tuple[int, int]] = (),
    copies: Sequence[tuple[int, int]] = (),
) -> Op:
    """Run one step.

    Args:
        scheduled: by request: first position, number of tokens, block ids.
        new: requests that are scheduled for the first time; resumed, preempted and finished ones
            likewise.
        resumed: see `new`.
        preempted: see `new`.
        finished: see `new`.
        swap_out: (device block, host block).
        swap_in: (host block, device block).
        copies: (source, destination) on the device.
    """
    told = dict(scheduled or {})
    plan: dict[str, Json] = {
        "num_scheduled_tokens": {name: count for name, (_, count, _) in told.items()},
        "num_computed_tokens": {name: start for name, (start, _, _) in told.items()},
        "new_block_ids": {name: list(ids) for name, (_, _, ids) in told.items()},
        "scheduled_new_req_ids": sorted(new),
        "resumed_req_ids": sorted(resumed),
        "preempted_req_ids": sorted(preempted),
        "finished_req_ids": sorted(finished),
        "blocks_to_swap_out": [list(pair) for pair in swap_out],
        "blocks_to_swap_in": [list(pair) for pair in swap_in],
        "blocks_to_copy": [list(pair) for pair in copies],
    }
    return Op("execute", {"plan": plan})


def tamper(block: int, offset: int) -> Op:
    """Change what the cache holds as values of one slot, in all layers."""
    return Op("tamper", {"block": block, "offset": offset})


# ---- an engine ----------------------------------------------------------------------------------


def engine(blocks: int = 21, tokens: int = 16, seqs: int = 4, **more: Any) -> Op:
    """Make an engine; `blocks` with the null block; `more` are its other settings."""
    settings: dict[str, Json] = {
        "model": "tiny",
        "block_size": P,
        "num_blocks": blocks,
        "max_num_batched_tokens": tokens,
        "max_num_seqs": seqs,
        "enable_prefix_caching": False,
        "num_host_blocks": 0,
        "preemption_mode": "swap" if more.get("num_host_blocks") else "recompute",
    }
    return Op("engine", {**settings, **more})


def add(
    name: str,
    prompt: int | Sequence[int],
    out: int = 4,
    *,
    stop: Sequence[int] = (),
    order: Mapping[str, Json] | None = None,
    **params: Any,
) -> Op:
    """Add a request; a prompt that is a number stands for so many tokens of its own."""
    told = draws(**params, max_tokens=out, stop=list(stop))
    args = {"prompt": _prompt(name, prompt), "params": told, "order": dict(order or {})}
    return Op("add", args, binds=name)


def abort(name: str) -> Op:
    """Abort a request."""
    return Op("abort", {"name": name})


def step() -> Op:
    """Run one step."""
    return Op("step")


def steps(count: int) -> tuple[Op, ...]:
    """Run some steps."""
    return (step(),) * count


def run() -> Op:
    """Run steps until nobody is unfinished."""
    return Op("run")


# ---- admission ----------------------------------------------------------------------------------


def processor(vocab_size: int = 64, max_model_len: int = 32, num_slots: int = 40) -> Op:
    """Make an input processor."""
    limits = {"vocab_size": vocab_size, "max_model_len": max_model_len, "num_slots": num_slots}
    return Op("processor", limits)


def process(prompt: Sequence[Any], out: int = 4, stop: Sequence[int] = ()) -> Op:
    """Ask for admission."""
    told = draws(max_tokens=out, stop=list(stop))
    return Op("process", {"prompt": list(prompt), "params": told})


def _prompt(name: str, prompt: int | Sequence[int]) -> list[int]:
    return own_prompt(name, prompt) if isinstance(prompt, int) else list(prompt)
