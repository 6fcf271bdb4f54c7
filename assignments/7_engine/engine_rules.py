"""What an engine must answer: outputs, ends, refusals, numbers, and memory that is given back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stage7.admission import due_of_process, most_tokens
from stage7.operations import POSITIONS, VOCABULARY
from stage7.postconditions import check_memory, check_pass, check_token
from stage7.state import Malformed, Plan, guarded, read_calls, read_outputs, read_plan
from stage7.world import World

from autograder.program.model import Observation, Op, Violation

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


class EngineRules:
    """An engine, call by call."""

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

    def check(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Check one operation."""
        args: Any = op.args
        yield from getattr(self, f"_{op.name}")(op, args, seen)
        if seen.error and op.name == "engine":
            return
        yield from self._state(seen.state)
        self._before = seen.state

    # ---- operations ----------------------------------------------------------------------------

    def _engine(self, op: Op, args: Any, seen: Observation) -> Iterator[Violation]:
        due = args.get("refused", "")
        yield from _wrong_error(due, seen)
        if seen.error or due:
            return
        told = seen.result if isinstance(seen.result, dict) else {}
        wanted = {
            "limits": [
                args["max_num_batched_tokens"], args["max_num_seqs"],
                args.get("watermark_blocks", 0), args["preemption_mode"],
            ],
            "policy": POLICIES[args.get("policy", "fcfs")],
            "block_size": self._block_size,
            "caching": self._caching,
            "host": args["num_host_blocks"],
        }  # fmt: skip
        for name, one in wanted.items():
            if told.get(name) != one and not (name == "caching" and told.get(name) is None):
                yield Violation(
                    "I16", f"the scheduler is made with {name} {one}", f"{told.get(name)}"
                )

    def _add(self, op: Op, args: Any, seen: Observation) -> Iterator[Violation]:
        due = due_of_process(args, **self._limits)
        if op.binds in self._live:
            due = f"{op.binds} is not finished yet"
        yield from _wrong_error(due, seen)
        if seen.error or due:
            yield from self._unchanged(seen)
            return
        most = most_tokens(args, self._limits["max_model_len"])
        stop = frozenset(args["params"]["stop"])
        self._world.add(op.binds, args["prompt"], args["params"])
        self._live[op.binds] = Live(len(args["prompt"]), most, stop)
        order = {"priority": 0, "deadline": None, "client": "", **args["order"]}
        wanted = [args["prompt"], most, sorted(stop), *order.values()]
        if seen.result != wanted:
            yield Violation("I16", f"the scheduler gets {wanted}", f"{seen.result}")

    def _fork(self, op: Op, args: Any, seen: Observation) -> Iterator[Violation]:
        if seen.result == "no forks here":
            return
        parent = self._live.get(args["parent"])
        due = ""
        if parent is None or not parent.runs:
            due = f"{args['parent']} does not run"
        elif op.binds in self._live:
            due = f"{op.binds} is not finished yet"
        elif sum(one.runs for one in self._live.values()) >= self._args["max_num_seqs"]:
            due = "all places are taken"
        yield from _wrong_error(due, seen)
        if seen.error or due or parent is None:
            yield from self._unchanged(seen)
            return
        self._world.fork(args["parent"], op.binds, args["params"])
        child = Live(parent.num_prompt, parent.most, parent.stop, True, parent.num_cached)
        self._live[op.binds] = child

    def _abort(self, op: Op, args: Any, seen: Observation) -> Iterator[Violation]:
        yield from _wrong_error("", seen)
        name = args["name"]
        if name not in self._live:
            if seen.result is not None:
                yield Violation("I12", f"None: {name} is not unfinished", f"{seen.result}")
            yield from self._unchanged(seen)
            return
        due = self._output(name, [], "abort")
        if seen.result != due:
            yield Violation("I12", f"the last output {_short(due)}", _short(seen.result))
        self._end(name)

    def _step(self, op: Op, args: Any, seen: Observation) -> Iterator[Violation]:
        yield from _wrong_error("", seen)
        if not seen.error:
            yield from self._stepped(seen.result)

    def _run(self, op: Op, args: Any, seen: Observation) -> Iterator[Violation]:
        yield from _wrong_error("", seen)
        if seen.error:
            return
        shown: Any = seen.result
        if not isinstance(shown, list):
            raise Malformed("steps", f"{shown}")
        self._learn_all(shown)
        for one in shown:
            yield from self._stepped(one)
        if self._live:
            left = ", ".join(self._live)
            yield Violation("I9", "every request ends", f"{left} did not, in {len(shown)} steps")

    # ---- a step --------------------------------------------------------------------------------

    def _learn_all(self, shown: list[Any]) -> None:
        """Feed the plain model with all that was said, at once: that is far cheaper."""
        said = {name: list(self._world.tokens[name]) for name in self._live}
        for one in shown:
            outputs = one.get("outputs") if isinstance(one, dict) else None
            for output in outputs if isinstance(outputs, list) else ():
                name = output.get("request_id") if isinstance(output, dict) else None
                tokens = output.get("new_token_ids") if name in said else None
                vocabulary = range(self._limits["vocab_size"])
                if isinstance(tokens, list) and all(
                    type(token) is int and token in vocabulary for token in tokens
                ):
                    said[name] += tokens
        for name, tokens in said.items():
            self._world.plain.learn(name, tokens[: self._limits["max_model_len"]])

    def _stepped(self, shown: Any) -> Iterator[Violation]:
        result: Any = shown if isinstance(shown, dict) else {}
        outputs = read_outputs(result.get("outputs"))
        plans = [read_plan(one) for one in result.get("plans", ())]
        calls = read_calls(result.get("calls"), self._block_size)
        if not self._live and (outputs or calls):
            yield Violation("I10", "nothing to do, nothing done", f"{len(calls)} passes")
        if len(plans) > 1 or (self._live and not plans):
            yield Violation("I1", "one plan a step", f"{len(plans)}")
            return
        for plan in plans:
            named = {*plan.counts, *plan.preempted, *plan.new, *plan.resumed}
            if not named <= set(self._live):
                raise Malformed("plans for unfinished requests", f"{sorted(named)}")
            self._count(plan)
            self._world.apply(plan)
            yield from check_pass(self._world, plan, calls)
            yield from self._answers(plan, outputs)
            if not self._caching:
                self._world.poison(self._live)

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

    def _answers(self, plan: Plan, outputs: list[Mapping[str, Any]]) -> Iterator[Violation]:
        due = [name for name in plan.counts if self._world.is_complete(name)]
        names = [str(one.get("request_id")) for one in outputs]
        if sorted(names) != sorted(due):
            yield Violation("I10", f"outputs of {sorted(due)}", f"of {sorted(names)}")
        told = dict(zip(names, outputs, strict=True))
        for name in due:
            yield from self._answered(name, told.get(name))

    def _answered(self, name: str, output: Mapping[str, Any] | None) -> Iterator[Violation]:
        """One request that got a token. Where it is not told, the right one is taken for it."""
        live, known = self._live[name], self._world.tokens[name]
        tokens: Any = output["new_token_ids"] if output else []
        if output and len(tokens) != 1:
            yield Violation("I10", f"one token of {name}", f"{tokens}")
        if tokens:
            yield from check_token(self._world, name, tokens[-1])
        if tokens and 0 <= tokens[-1] < self._limits["vocab_size"]:
            token = tokens[-1]
        else:
            token = self._world.plain.draws(name, len(known), self._world.params[name])[0]
        known.append(token)
        self._counters["num_generated_tokens"] += 1
        full = len(known) - live.num_prompt >= live.most
        reason = "stop" if token in live.stop else "length" if full else None
        wanted = self._output(name, tokens, reason)
        if output and output != wanted:
            ends = (output.get("finished"), output.get("finish_reason"))
            rule = "I10" if ends == (reason is not None, reason) else "I11"
            yield Violation(rule, f"the output {_short(wanted)}", _short(output))
        if reason:
            self._end(name)

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

    # ---- what is seen after every call ---------------------------------------------------------

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


POLICIES = {
    "fcfs": "FCFSPolicy",
    "priority": "PriorityPolicy",
    "fair": "FairPolicy",
    "sla": "SLAPolicy",
    "own": "OwnPolicy",
}


def _wrong_error(due: str, seen: Observation) -> Iterator[Violation]:
    raised = f"raises {seen.error}: {seen.message}"[:200] if seen.error else "no error"
    if due and seen.error != "ValueError":
        yield Violation("I14", f"raises ValueError: {due}", raised)
    elif seen.error and not due:
        yield Violation("", "no error", raised)


def _short(output: Any) -> str:
    return (
        ", ".join(f"{key}={value}" for key, value in output.items())
        if isinstance(output, dict)
        else f"{output}"
    )
