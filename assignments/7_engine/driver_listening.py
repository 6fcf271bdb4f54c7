"""What the engine tells the scheduler below it, and what that plans: noted on the way."""

from __future__ import annotations

from typing import Any

from stage7.driver_shown import plan_of

from autograder.protocol.plain import Json
from autograder.worker.driver import plain


def listen(plans: list[Json], told: dict[str, Any]) -> None:
    """Note what schedulers are told and every plan that they make, from now on, in these."""
    from pagedlab import scheduler

    kind: Any = scheduler.Scheduler
    methods = ("__init__", "add_request", "schedule")
    unnoted = kind.__dict__.get("unnoted") or {name: getattr(kind, name) for name in methods}

    def made(
        self: Any, config: Any, kv_cache_manager: Any, policy: Any, host_pool: Any = None
    ) -> None:
        unnoted["__init__"](self, config, kv_cache_manager, policy, host_pool)
        limits = (config.max_num_batched_tokens, config.max_num_seqs, config.watermark_blocks)
        told["engine"] = {
            "limits": [*map(plain, limits), plain(config.preemption_mode)],
            "policy": type(policy).__name__[:40],
            "block_size": plain(kv_cache_manager.block_size),
            "caching": _caches(kv_cache_manager),
            "host": 0 if host_pool is None else plain(host_pool.get_num_free_blocks()),
        }

    def added(self: Any, request: Any) -> None:
        shown = (request.token_ids, request.max_tokens, sorted(request.stop_token_ids))
        deadline = None if request.deadline == float("inf") else request.deadline
        order = (request.priority, deadline, request.client)
        told["request"] = [*map(plain, shown), *map(plain, order)]
        unnoted["add_request"](self, request)

    def scheduled(self: Any) -> Any:
        plan = unnoted["schedule"](self)
        plans.append(plan_of(plan))
        return plan

    kind.unnoted = unnoted
    kind.__init__, kind.add_request, kind.schedule = made, added, scheduled


def _caches(manager: Any) -> bool | None:
    """Whether a manager that nobody has used yet caches full blocks: it leaves one behind."""
    from pagedlab.request import Request

    probe = Request("probe", [0] * (manager.block_size + 1), extra_keys=("probe",))
    if manager.allocate_slots(probe, len(probe.token_ids)) is None:
        return None  # a pool too small to tell
    manager.free(probe)
    return len(manager.get_computed_blocks(probe)[0]) > 0
