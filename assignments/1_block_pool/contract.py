"""The handout's contract as predicates over two neighbouring observations.

Says what must hold between the state before and after one operation. It models no pool and
chooses no block: students get it, and their failures are explained in its words. This file holds
what may be asked of a pool and what follows; postconditions.py what each operation must do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from stage1.postconditions import POSTCONDITIONS, Transition, everywhere, unchanged
from stage1.state import PoolState, is_ids, read_state

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation

NULL, STRANGER = 0, -(1 << 62)
"""Ids that stand for the null block and for a block of no pool."""


class Contract:
    """Checks the observations of one program, in order."""

    def __init__(self) -> None:
        self._usable = 0
        self._before = PoolState(0, {}, {})
        self._lists: dict[str, list[int]] = {}
        self._freed: dict[int, int] = {}
        self._clock = 0
        self._tampered = False
        self._healthy = True

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        for violation in self._judge(op, seen):
            self._healthy = False
            yield violation

    def _judge(self, op: Op, seen: Observation) -> Iterator[Violation]:
        if op.name == "tamper" or (op.name == "check" and self._tampered):
            yield from self._tampering(op, seen)
        elif op.name == "hash":
            yield from wrong_error((), seen)
            if not seen.error and not isinstance(seen.result, str):
                yield Violation("", "bytes", f"{seen.result}")
        elif op.name == "new":
            yield from self._new(op, seen)
        else:
            yield from self._operation(op, seen)

    def _new(self, op: Op, seen: Observation) -> Iterator[Violation]:
        size = int(str(op.args["num_blocks"]))
        errors = ("ValueError",) if size < 1 else ()
        yield from wrong_error(errors, seen)
        if errors or seen.error:
            return
        self._usable = size - 1
        try:
            self._before = read_state(seen.state)
        except Malformed as malformed:
            yield malformed.violation
            return
        if self._before.free != self._usable:
            yield Violation("I5", f"{self._usable} free blocks", f"{self._before.free} free blocks")

    def _operation(self, op: Op, seen: Observation) -> Iterator[Violation]:
        try:
            after = read_state(seen.state)
        except Malformed as malformed:
            yield malformed.violation
            return
        before = self._before
        try:
            ids = self._ids(op)
        except (KeyError, IndexError):
            yield Violation("", "not run: it names a block that was never brought", "it was run")
            return
        errors = self._errors(op, ids)
        yield from wrong_error(errors, seen)
        if errors:
            yield from unchanged("I4", before, after)
        elif not seen.error:
            step = Transition(op, seen.result, ids, self._usable, self._freed, before, after)
            yield from POSTCONDITIONS[op.name](step)
            yield from everywhere(step)
        if not seen.error:
            self._remember(op, seen, ids)
        self._before = after

    def _tampering(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """After a field was overwritten from outside, only check_integrity has a meaning.

        It must notice, if the pool was healthy before and the field did not hold that value.
        """
        if op.name == "tamper":
            block = self._before.block(self._ids(op)[0])
            held = block.ref_cnt if op.args["field"] == "ref_cnt" else block.label
            self._tampered = self._tampered or held != op.args["value"]
        elif self._healthy:
            for violation in wrong_error(("IntegrityError",), seen):
                yield Violation("I14", violation.expected, violation.observed)

    def _errors(self, op: Op, ids: list[int]) -> tuple[str, ...]:
        """The errors of which one must be raised; none if the operation is in order."""
        before = self._before
        if op.name == "get":
            wanted = int(str(op.args["num_blocks"]))
            if wanted < 0:
                return ("ValueError",)
            return ("OutOfBlocks",) if wanted > self._usable - before.in_use else ()
        unknown = ("UnknownBlock",) if STRANGER in ids else ()
        if op.name == "cache":
            block = before.block(ids[0])
            refused = ids[0] == NULL or block.ref_cnt <= 0 or block.label is not None
            return unknown or (("ValueError",) if refused else ())
        if op.name == "free":
            drops = Counter(key for key in ids if key not in (NULL, STRANGER))
            if any(count > before.block(key).ref_cnt for key, count in drops.items()):
                return (*unknown, "DoubleFree")
        return unknown

    def _ids(self, op: Op) -> list[int]:
        named = op.args.get("blocks", [op.args["block"]] if "block" in op.args else [])
        assert isinstance(named, list)
        return [self._id(str(reference)) for reference in named]

    def _id(self, reference: str) -> int:
        if reference in ("null", "stranger"):
            return NULL if reference == "null" else STRANGER
        name, _, index = reference.rstrip("]").partition("[")
        return self._lists[name][int(index)]

    def _remember(self, op: Op, seen: Observation, ids: list[int]) -> None:
        if op.binds and is_ids(seen.result):
            self._lists[op.binds] = seen.result
        if op.name == "free":
            for key in ids:
                self._clock += 1
                self._freed[key] = self._clock


def wrong_error(allowed: tuple[str, ...], seen: Observation) -> Iterator[Violation]:
    """The violation if another error than allowed was raised, or none where one is due."""
    if allowed and seen.error not in allowed:
        expected = f"raises {' or '.join(allowed)}"
        raised = f"raises {seen.error}: {seen.message}".rstrip(": ") if seen.error else "no error"
        yield Violation("I13", expected, raised)
    elif not allowed and seen.error:
        yield Violation("", "no error", f"raises {seen.error}: {seen.message}"[:200])
