"""What a submission takes and returns, as plain data by exact type."""

from __future__ import annotations

import math
from typing import Any

from stage5.driver_text import own_prompt

from autograder.protocol.plain import Json
from autograder.worker.driver import plain

LISTS = ("blocks_to_swap_out", "blocks_to_swap_in", "blocks_to_copy")
SETS = ("scheduled_new_req_ids", "resumed_req_ids", "preempted_req_ids", "finished_req_ids")
COUNTS = ("num_scheduled_tokens", "num_computed_tokens")


def policy_of(module: Any, kind: str) -> Any:
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


def request_of(
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


def plan_of(output: Any) -> dict[str, Any]:
    """A SchedulerOutput as plain data; a field of another type shows it."""
    shown: dict[str, Any] = {name: table_of(getattr(output, name, None)) for name in COUNTS}
    shown["new_block_ids"] = table_of(getattr(output, "new_block_ids", None))
    for name in (*SETS, *LISTS):
        value = getattr(output, name, None)
        if name in SETS and type(value) in (set, frozenset):
            value = sorted(value, key=str)
        shown[name] = plain(value)
    return shown


def table_of(value: Any) -> Json:
    """A dict of plain data by request id, or the type of what it is."""
    if type(value) is not dict or len(value) > 1000:
        return {"type": {"name": type(value).__name__[:80]}}
    return {str(key)[:80]: plain(one) for key, one in value.items()}


def guarded(read: Any, *args: Any) -> Json:
    """A reading, or the error that it raised: one broken method must not blind all rules."""
    try:
        return read(*args)  # type: ignore[no-any-return]
    except Exception as error:
        return {"error": type(error).__name__}
