"""The handout's contract as predicates over neighbouring observations.

Says what must hold before and after every operation. It plans no step and chooses no block:
students get it, and their failures are explained in its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stage5.contract_books import wrong_error
from stage5.contract_queueing import Queueing
from stage5.contract_steps import Steps
from stage5.order import Order
from stage5.postconditions import tables
from stage5.state import RUNNING, WAITING, read_state
from stage5.step import Config, blocks_for

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation


class Contract(Steps, Queueing):
    """Checks the observations of one program, in order."""

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            yield from getattr(self, f"_{op.name}")(op, seen)
        except Malformed as malformed:
            yield malformed.violation

    # ---- the scheduler -------------------------------------------------------------------------

    def _new(self, op: Op, seen: Observation) -> Iterator[Violation]:
        args: Any = op.args
        bad = not 1 <= args["seqs"] <= args["tokens"] or args["watermark"] < 0
        yield from wrong_error("ValueError" * bad, seen)
        if seen.error:
            return
        self._config = Config(**{k: v for k, v in args.items() if k != "policy"})
        self._order = Order(args["policy"])
        self._before = read_state(seen.state)
        yield from tables(self._before, self._config.blocks)

    def _add(self, op: Op, seen: Observation) -> Iterator[Violation]:
        args: Any = op.args
        size = args["prompt"] if isinstance(args["prompt"], int) else len(args["prompt"])
        longest = size + args["out"] - 1
        bad = self._is_unfinished(op.binds) or size < 1 or args["out"] < 1
        bad = bad or blocks_for(longest) > self._config.blocks
        yield from wrong_error("ValueError" * bad, seen)
        after = self._read(seen.state, "" if seen.error else op.binds)
        if seen.error:
            yield from self._unchanged("I17", after)
        else:
            self._told[op.binds] = args
            self._order.add(op.binds, args)
            yield from self._unchanged("I17", after, op.binds)
            yield from self._is_new(op.binds, after, WAITING)
            yield from tables(after, self._config.blocks)
        self._before = after

    def _fork(self, op: Op, seen: Observation) -> Iterator[Violation]:
        parent = str(op.args["parent"])
        full = len(self._before.having(RUNNING)) >= self._config.seqs
        running = parent in self._before.having(RUNNING)
        bad = full or not running or self._is_unfinished(op.binds)
        yield from wrong_error("ValueError" * bad, seen)
        after = self._read(seen.state, "" if seen.error else op.binds)
        if seen.error:
            yield from self._unchanged("I17", after)
        else:
            self._told[op.binds] = {**self._told[parent], "prompt": self._prompt(parent)}
            self._order.fork(parent, op.binds)
            yield from self._unchanged("I17", after, op.binds)
            yield from self._is_new(op.binds, after, RUNNING)
            yield from tables(after, self._config.blocks)
        self._before = after

    def _abort(self, op: Op, seen: Observation) -> Iterator[Violation]:
        names: Any = op.args["names"]
        yield from wrong_error("", seen)
        after = self._read(seen.state)
        yield from self._unchanged("I14", after, *names)
        yield from self._aborted(names, self._before, after)
        yield from tables(after, self._config.blocks)
        yield from self._host_room(after)
        self._before = after

    # ---- a policy by itself --------------------------------------------------------------------

    def _policy(self, op: Op, seen: Observation) -> Iterator[Violation]:
        kind = str(op.args["kind"])
        yield from wrong_error("ValueError" * (kind == "bad_aging"), seen)
        self._order = Order(kind)

    def _arrive(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        self._order.add(op.binds, op.args)

    def _serve(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        self._order.serve(str(op.args["request"]), int(str(op.args["tokens"])))

    def _leave(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        self._order.finish(str(op.args["request"]))

    def _rank(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        if not seen.error:
            names: Any = op.args["names"]
            yield from self._order.wrong_ranking(list(names), seen.result)
