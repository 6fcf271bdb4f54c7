"""The handout's contract over what the operations of one program showed.

`postconditions.py` says what a step must show, `engine_rules.py` what an engine must answer.
Students get all of it, and their failures are explained in its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stage7.admission import due_of_process, request_of
from stage7.engine_rules import EngineRules
from stage7.operations import VOCABULARY
from stage7.postconditions import check_memory, check_pass, check_token
from stage7.state import guarded, read_calls, read_plan
from stage7.world import World

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation

P = 4


class Contract:
    """Checks the observations of one program, in order."""

    def __init__(self) -> None:
        self._subject: RunnerRules | EngineRules | ProcessorRules | None = None

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            if op.name in SUBJECTS:
                self._subject = SUBJECTS[op.name](op.args)
            if self._subject is not None:
                yield from self._subject.check(op, seen)
        except Malformed as malformed:
            yield malformed.violation


class RunnerRules:
    """A model runner, step by step."""

    def __init__(self, args: Any) -> None:
        self._args = args
        self._world = World.make("tiny", P, args["blocks"], args["host"])

    def check(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Check one operation."""
        args: Any = op.args
        if seen.error:
            raised = f"raises {seen.error}: {seen.message}"[:200]
            yield Violation("", "no error", raised)
            return
        if op.name == "runner":
            yield from self._shapes(seen)
        elif op.name == "request":
            self._world.add(op.binds, args["prompt"], args["params"])
        elif op.name == "fork":
            self._world.fork(args["parent"], op.binds, args["params"])
        elif op.name == "tamper":
            self._world.tamper(args["block"], args["offset"])
        elif op.name == "execute":
            yield from self._executed(args["plan"], seen)
        yield from self._tables(seen)
        plan: Any = args.get("plan", {})
        transfers = any(plan.get(f"blocks_to_{kind}") for kind in ("swap_out", "swap_in", "copy"))
        yield from check_memory(self._world, seen.state, "I6" if transfers else "I2")

    def _shapes(self, seen: Observation) -> Iterator[Violation]:
        due = [
            [[2, 2, blocks, P, 2, 8], "torch.float32"]
            for blocks in (self._args["blocks"], self._args["host"] + 1)
        ]
        if seen.state.get("shape") != due:
            yield Violation("I2", f"caches {due}", f"{seen.state.get('shape')}")

    def _executed(self, told: Any, seen: Observation) -> Iterator[Violation]:
        world, plan = self._world, read_plan(told)
        result: Any = seen.result if isinstance(seen.result, dict) else {}
        world.apply(plan)
        yield from check_pass(world, plan, read_calls(result.get("calls"), P))
        sampled = result.get("sampled")
        if not isinstance(sampled, dict) or set(sampled) != set(plan.counts):
            # No rule can be judged any further: the requests lack tokens that later plans compute.
            raise Malformed(f"a dictionary of the requests {sorted(plan.counts)}", f"{sampled}")
        for name in plan.counts:
            tokens, complete = sampled[name], world.is_complete(name)
            if not complete:
                if tokens != []:
                    yield Violation("I7", f"no token for {name} yet", f"{tokens}")
                continue
            if not isinstance(tokens, list) or len(tokens) != 1 or not _is_token(tokens[0]):
                raise Malformed(f"one token for {name}", f"{tokens}")
            yield from check_token(world, name, tokens[0])
            world.tokens[name].append(tokens[0])

    def _tables(self, seen: Observation) -> Iterator[Violation]:
        shown: Any = guarded(seen.state.get("tables"))
        for name, table in shown.items() if isinstance(shown, dict) else ():
            due = self._world.tables.get(name, [])
            if guarded(table) != due:
                rule = "I4" if due else "I5"
                yield Violation(rule, f"the block table of {name} is {due}", f"{table}")


def _is_token(token: object) -> bool:
    return type(token) is int and 0 <= token < VOCABULARY["tiny"]


class ProcessorRules:
    """Admission by itself."""

    def __init__(self, args: Any) -> None:
        self._limits = args

    def check(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Check one operation."""
        args: Any = op.args
        due = due_of_process(args, **self._limits) if op.name == "process" else ""
        if bool(due) != (seen.error == "ValueError") or (seen.error and not due):
            raised = f"raises {seen.error}: {seen.message}"[:200] if seen.error else "no error"
            yield Violation("I14", f"raises ValueError: {due}" if due else "no error", raised)
        elif op.name == "process" and not due:
            wanted = request_of(args, self._limits["max_model_len"])
            if seen.result != [*wanted, True]:
                yield Violation(
                    "I14", f"a request of {wanted}, its tokens copied", f"{seen.result}"
                )


SUBJECTS: Any = {"runner": RunnerRules, "engine": EngineRules, "processor": ProcessorRules}
