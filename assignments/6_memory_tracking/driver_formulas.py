"""Functions of stage 6 that keep nothing, and replays."""

from __future__ import annotations

from typing import Any

from stage6.driver_memories import Memories
from stage6.driver_shown import SUMMARY, USE, fields

from autograder.protocol.plain import Json
from autograder.worker.driver import plain


class Formulas(Memories):
    """Runs functions that keep nothing."""

    def _do_token_bytes(self, config: dict[str, Any], cache_dtype: str) -> Json:
        spec = self._module("kv_cache_spec").spec_from_config(config, cache_dtype)
        return plain(self._module("kv_cache_spec").kv_bytes_per_token(spec))

    def _do_budget_blocks(self, config: dict[str, Any], block_size: int, budget_bytes: int) -> Json:
        module = self._module("kv_cache_spec")
        spec = module.spec_from_config(config)
        return plain(module.num_blocks_for_budget(spec, block_size, budget_bytes))

    def _do_request_blocks(self, config: dict[str, Any], block_size: int, num_tokens: int) -> Json:
        module = self._module("kv_cache_spec")
        spec = module.spec_from_config(config)
        return plain(module.num_blocks_of_request(spec, block_size, num_tokens))

    def _do_reserved(self, policy: str, prompt: int, output: int, max_model_len: int) -> Json:
        request = self._given.Request("a", prompt, output)
        function = self._module("fragmentation").reserved_slots
        return plain(function(self._given.Reservation(policy), request, max_model_len))

    def _do_split(self, num_slots: int, num_used: int, num_tokens: int) -> Json:
        function = self._module("fragmentation").split_holding
        return fields(function(num_slots, num_used, num_tokens), USE)

    def _do_replay(
        self, memory: dict[str, Any], requests: list[list[int]], max_num_seqs: int
    ) -> Json:
        trace = [self._given.Request(f"r{i}", *pair) for i, pair in enumerate(requests)]
        return self._replayed(memory, trace, max_num_seqs)

    def _do_example(self, memory: dict[str, Any]) -> Json:
        return self._replayed(memory, self._given.example_trace(), 256)

    def _replayed(self, memory: dict[str, Any], trace: list[Any], max_num_seqs: int) -> Json:
        made = getattr(self, f"_make_{memory['name']}")(**memory["args"])
        shown = self._given.replay(trace, made, max_num_seqs)
        counts = [plain(shown.running), plain(shown.steps), plain(shown.preemptions)]
        return {"use": fields(shown.use, USE), "counts": counts, "left": fields(made.use(), USE)}

    def _do_summarize(self, stays: list[list[float]], start: float, end: float) -> Json:
        module = self._module("capacity")
        listed = [module.Stay(*stay) for stay in stays]
        return fields(module.summarize_log(listed, start, end), SUMMARY)

    def _do_wait(self, rate: float, services: list[float]) -> Json:
        return plain(self._module("capacity").mean_wait_fcfs(rate, services))

    def _do_sojourn(
        self, rate: float, output: float, fixed: float, each: float, batch: int | None
    ) -> Json:
        module = self._module("capacity")
        model = module.IterationModel(fixed, each, batch)
        return plain(module.mean_sojourn_batching(rate, output, model))

    def _do_largest(
        self, output: float, fixed: float, each: float, batch: int | None, slo: float
    ) -> Json:
        module = self._module("capacity")
        return plain(module.largest_rate(output, module.IterationModel(fixed, each, batch), slo))
