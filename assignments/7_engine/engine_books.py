"""What is known of an engine, and what must be seen of it at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stage7.operations import POSITIONS, VOCABULARY
from stage7.postconditions import check_memory
from stage7.state import Plan, guarded
from stage7.world import World

from autograder.program.malformed import Malformed
from autograder.program.model import Observation, Violation

COUNTERS = (
    "num_steps", "num_computed_tokens", "num_generated_tokens", "prefix_cache_queries",
    "prefix_cache_hits", "num_preemptions",
)  # fmt: skip


@dataclass
class Live:
    """An unfinished request."""

    num_prompt: int
    most: int
    stop: frozenset[int]
    runs: bool = False
    num_cached: int = 0
    num_preemptions: int = 0


class EngineBooks:
    """Follows an engine, whatever it was asked."""

    def __init__(self, args: Any) -> None:
        self._args = args
        kind = args["model"]
        self._block_size = args["block_size"]
        self._caching = args["enable_prefix_caching"]
        self._blocks = args["num_blocks"] or args["fits"]
        self._limits = {
            "vocab_size": VOCABULARY[kind],
            "max_model_len": args.get("max_model_len") or POSITIONS[kind],
            "num_slots": (self._blocks - 1) * self._block_size,
        }
        host = args["num_host_blocks"]
        self._world = World.make(kind, self._block_size, self._blocks, host)
        self._live: dict[str, Live] = {}
        self._counters = dict.fromkeys(COUNTERS, 0)
        self._before: Mapping[str, Any] = {}

    def _count(self, plan: Plan) -> None:
        count = self._counters
        count["num_steps"] += bool(plan.counts)
        count["num_computed_tokens"] += sum(plan.counts.values())
        count["num_preemptions"] += len(plan.preempted)
        for name in plan.preempted:
            self._live[name].runs = False
            self._live[name].num_preemptions += 1
        for name in plan.new:
            self._live[name].num_cached = plan.starts[name]
            count["prefix_cache_queries"] += len(self._world.tokens[name])
            count["prefix_cache_hits"] += plan.starts[name]
        for name in plan.new | plan.resumed:
            self._live[name].runs = True

    def _output(self, name: str, tokens: list[int], reason: str | None) -> dict[str, Any]:
        live = self._live[name]
        return {
            "request_id": name,
            "new_token_ids": tokens,
            "finished": reason is not None,
            "finish_reason": reason,
            "num_prompt_tokens": live.num_prompt,
            "num_cached_tokens": live.num_cached,
            "num_preemptions": live.num_preemptions,
        }

    def _end(self, name: str) -> None:
        del self._live[name]
        self._world.tables.pop(name, None)

    def _state(self, state: Mapping[str, Any]) -> Iterator[Violation]:
        if guarded(state.get("unfinished")) != bool(self._live):
            expected = f"has_unfinished_requests() is {bool(self._live)}"
            yield Violation("I13", expected, f"{state.get('unfinished')}")
        tables: Any = guarded(state.get("tables"))
        for name, table in tables.items() if isinstance(tables, dict) else ():
            due = self._world.tables.get(name, [])
            if guarded(table) != due:
                rule = "I4" if due else "I13"
                yield Violation(rule, f"{name} holds the blocks {due}", f"{table}")
        yield from self._numbers(guarded(state.get("stats")))
        yield from check_memory(self._world, state)

    def _numbers(self, stats: Any) -> Iterator[Violation]:
        if not isinstance(stats, dict) or "num_free_blocks" not in stats:
            raise Malformed("stats() is an EngineStats", f"{stats}", "I15")
        held = {block for table in self._world.tables.values() for block in table}
        running = sum(one.runs for one in self._live.values())
        free = self._blocks - 1 - len(held)
        if stats["num_free_blocks"] != free:
            yield Violation("I13", f"{free} blocks are free", f"{stats['num_free_blocks']}")
        host = self._args["num_host_blocks"]
        due = {
            "num_running_reqs": running,
            "num_waiting_reqs": len(self._live) - running,
            "num_blocks": self._blocks - 1,
            "num_host_blocks": host,
            **self._counters,
            **({} if self._live else {"num_free_host_blocks": host}),
        }
        for name, number in due.items():
            if stats[name] != number or isinstance(stats[name], bool):
                yield Violation("I15", f"{name} is {number}", f"{stats[name]}")

    def _unchanged(self, seen: Observation) -> Iterator[Violation]:
        for name in ("stats", "unfinished", "tables"):
            if seen.state.get(name) != self._before.get(name):
                yield Violation("I14", f"{name} as before", f"{seen.state.get(name)}"[:200])
