"""A scheduler, its requests by name, and a model runner."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from stage5.driver_runner import P, Runner
from stage5.driver_shown import guarded, plan_of, policy_of, request_of, table_of

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain


class Server:
    """A scheduler, its requests by name, and a model runner."""

    def __init__(
        self,
        modules: Mapping[str, ModuleType],
        blocks: int,
        tokens: int,
        seqs: int,
        policy: str,
        watermark: int,
        host: int,
    ) -> None:
        from pagedlab.block_pool import BlockPool
        from pagedlab.kv_cache_manager import KVCacheManager
        from pagedlab.sched_output import SchedulerConfig

        self._pool: Any = BlockPool(blocks + 1)
        self._host: Any = BlockPool(host + 1) if host else None
        self._manager: Any = KVCacheManager(P, self._pool)
        config = SchedulerConfig(tokens, seqs, watermark, "swap" if host else "recompute")
        rules = policy_of(modules["policies"], policy)
        scheduler = modules["scheduler"].Scheduler
        self._scheduler: Any = scheduler(config, self._manager, rules, self._host)
        self._requests: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}
        self._runner = Runner()

    def observe(self) -> Mapping[str, Json]:
        """Free blocks here and on the host, counts, and every request."""
        return {
            "free": guarded(lambda: plain(self._pool.get_num_free_blocks())),
            "host_free": guarded(self._host_free),
            "counts": guarded(lambda: plain(self._scheduler.get_request_counts())),
            "requests": {name: guarded(self._show, one) for name, one in self._shown.items()},
        }

    def add(self, binds: str, **args: Any) -> Json:
        made = request_of(binds, **args)
        self._scheduler.add_request(made)
        self._requests[binds] = self._shown[binds] = made
        return binds

    def fork(self, binds: str, parent: str) -> Json:
        if parent not in self._requests:
            raise Undefined(parent)
        child = self._requests[parent].fork(binds)
        self._scheduler.fork_request(parent, child)
        self._requests[binds] = self._shown[binds] = child
        self._runner.fork(parent, binds)
        return binds

    def abort(self, binds: str, names: list[str]) -> Json:
        return plain(self._scheduler.finish_requests(names))

    def step(self, binds: str, says: Mapping[str, list[int]], abort: list[str]) -> Json:
        """Schedule, run the model, update; what the plan was, and what was seen after it.

        What had ended before is shown no more.
        """
        self._shown = {name: one for name, one in self._shown.items() if not _has_ended(one)}
        output = self._scheduler.schedule()
        plan = plan_of(output)
        seen: dict[str, Json] = {"plan": plan, "scheduled": self.observe()}
        try:
            said = self._runner.run(plan, self._requests)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return {**seen, "cannot_run": f"{type(error).__name__}: {error}"[:200]}
        seen["tables"] = {name: list(table) for name, table in self._runner.tables.items()}
        if abort:
            self._scheduler.finish_requests(list(abort))
        told = {name: list(says.get(name, tokens)) for name, tokens in said.items()}
        emitted = self._scheduler.update_from_output(output, told)
        return {**seen, "emitted": table_of(emitted)}

    def _host_free(self) -> Json:
        return plain(self._host.get_num_free_blocks()) if self._host else 0

    def _show(self, request: Any) -> Json:
        return {
            "status": str(getattr(request.status, "name", request.status))[:40],
            "outputs": plain(request.token_ids[request.num_prompt_tokens :]),
            "prompt": plain(request.num_prompt_tokens),
            "computed": plain(request.num_computed_tokens),
            "cached": plain(request.num_cached_tokens),
            "preemptions": plain(request.num_preemptions),
            "table": plain(self._manager.get_block_ids(request)),
        }


def _has_ended(request: Any) -> bool:
    return str(getattr(request.status, "name", "")).startswith("FINISHED")
