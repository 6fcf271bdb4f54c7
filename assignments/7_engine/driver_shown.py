"""What a submission takes and returns, as plain data by exact type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import plain

PLAN_TABLES = ("num_scheduled_tokens", "num_computed_tokens", "new_block_ids")
PLAN_SETS = ("scheduled_new_req_ids", "resumed_req_ids", "preempted_req_ids", "finished_req_ids")
PLAN_LISTS = ("blocks_to_swap_out", "blocks_to_swap_in", "blocks_to_copy")


def params_of(stop: Sequence[int] = (), **given: Any) -> Any:
    from pagedlab.sampling_params import SamplingParams

    return SamplingParams(stop_token_ids=frozenset(stop), **given)


def token_of(sampled: Any, name: str) -> int | None:
    found = sampled.get(name) if type(sampled) is dict else None
    token = found[0] if type(found) in (list, tuple) and found else None
    return token if type(token) is int and 0 <= token < 1 << 31 else None


def table_of(value: Any) -> Json:
    if type(value) is not dict or len(value) > 100:
        return plain(value)
    return {str(name)[:40]: plain(one) for name, one in value.items()}


def plan_of(output: Any) -> Json:
    """A plan as plain data; sets are sorted."""
    shown = {name: table_of(getattr(output, name, None)) for name in PLAN_TABLES}
    for name in PLAN_SETS:
        found = getattr(output, name, None)
        shown[name] = plain(sorted(map(str, found))) if type(found) is set else plain(found)
    return {**shown, **{name: plain(getattr(output, name, None)) for name in PLAN_LISTS}}


FIELDS = (
    "request_id", "new_token_ids", "finished", "finish_reason", "num_prompt_tokens",
    "num_cached_tokens", "num_preemptions",
)  # fmt: skip


def output_of(output: Any) -> Json:
    if output is None or type(output).__name__ != "RequestOutput":
        return plain(output)
    return {name: plain(getattr(output, name, None)) for name in FIELDS}


def stats_of(stats: Any) -> Json:
    if type(stats).__name__ != "EngineStats":
        return plain(stats)
    return {name: plain(getattr(stats, name, None)) for name in type(stats).__dataclass_fields__}


def guarded(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"[:200]}
