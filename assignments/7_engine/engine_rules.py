"""What an engine must answer to each call, and what it must refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stage7.admission import due_of_process, most_tokens
from stage7.engine_books import Live
from stage7.engine_steps import EngineSteps, short

from autograder.program.malformed import Malformed
from autograder.program.model import Observation, Op, Violation


class EngineRules(EngineSteps):
    """An engine, call by call."""

    def check(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Check one operation."""
        args: Any = op.args
        yield from getattr(self, f"_{op.name}")(op, args, seen)
        if seen.error and op.name == "engine":
            return
        yield from self._state(seen.state)
        self._before = seen.state

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
            yield Violation("I12", f"the last output {short(due)}", short(seen.result))
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
