"""The handout's contract as predicates over two neighbouring observations.

Says what must hold between the state before and after one operation. It models no manager and
chooses no block: students get it, and their failures are explained in its words. This file holds
what may be asked of a manager; postconditions.py what each operation must do; rows.py the same for
batched tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from stage2.contents import Contents, Request, hit_blocks
from stage2.postconditions import POSTCONDITIONS
from stage2.rows import RowContract
from stage2.state import (
    NOTHING,
    ManagerState,
    about_rows,
    integer,
    numbers,
    read_manager,
)
from stage2.transition import Transition, everywhere, unchanged

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation


class Contract:
    """Checks the observations of one program, in order."""

    def __init__(self) -> None:
        self._rows = RowContract()
        self._setting = Setting(0, 1, True)
        self._before = NOTHING
        self._requests: dict[str, Request] = {}
        self._hits: dict[str, tuple[int, ...]] = {}
        self._contents = Contents()

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        if about_rows(op):
            yield from self._rows.step(op, seen)
            return
        if op.name == "new":
            caching = op.args["caching"] is True
            sizes = integer(op, "num_blocks"), integer(op, "block_size")
            self._setting = Setting(sizes[0] - 1, sizes[1], caching)
            if sizes[1] < 1:
                yield from wrong_error(("ValueError",), seen)
                return
        if op.name == "new" and seen.error:
            yield from wrong_error((), seen)
            return
        try:
            after = read_manager(seen.state)
            yield from self._operation(op, seen, after)
        except Malformed as malformed:
            yield malformed.violation

    def _operation(self, op: Op, seen: Observation, after: ManagerState) -> Iterator[Violation]:
        before = self._before
        try:
            step = self._transition(op, seen, after)
        except KeyError:
            yield Violation("", "not run: it names what was never brought", "it was run")
            return
        errors = _errors(step)
        yield from wrong_error(errors, seen)
        if errors:
            yield from unchanged("I4", before, after)
        elif not seen.error:
            yield from POSTCONDITIONS.get(op.name, _nothing)(step)
            self._advance(step)
            yield from everywhere(step, self._requests)
        self._before = after

    def _transition(self, op: Op, seen: Observation, after: ManagerState) -> Transition:
        hit = str(op.args.get("hit", ""))
        name = str(op.args.get("request") or op.args.get("parent") or "")
        return Transition(
            op=op,
            result=seen.result,
            request=self._requests[name] if name else Request((), ()),
            name=name,
            hits=self._hits[hit] if hit else (),
            usable=self._setting.usable,
            block_size=self._setting.block_size,
            caching=self._setting.caching,
            before=self._before,
            after=after,
            contents=self._contents,
        )

    def _advance(self, step: Transition) -> None:
        """Take note of what the operation did, as it was seen."""
        op, name, request = step.op, step.name, step.request
        if op.name == "request":
            keys = op.args["extra_keys"]
            assert isinstance(keys, list)
            self._requests[op.binds] = Request(numbers(op, "tokens"), tuple(map(str, keys)))
        elif op.name == "generate":
            tokens = request.tokens + numbers(op, "tokens")
            self._requests[name] = replace(request, tokens=tokens)
        elif op.name == "fork":
            self._requests[op.binds] = request
        elif op.name == "lookup":
            self._hits[op.binds] = hit_blocks(step.result)
        elif op.name == "step" and step.result is not None:
            self._requests[name] = replace(request, computed=step.end)
            self._contents.forget(step.new_blocks)
            first = step.start // step.block_size
            table = step.after.table(name)
            self._contents.note(table, self._requests[name], step.block_size, first)
            self._contents.give_back(step.copied)
        elif op.name in ("truncate", "free"):
            kept = integer(op, "num_tokens") if op.name == "truncate" else 0
            tokens = request.tokens[:kept] if op.name == "truncate" else request.tokens
            self._requests[name] = replace(request, tokens=tokens, computed=kept)
            dropped = step.before.table(name)[step.blocks(kept) :]
            self._contents.give_back(reversed(dropped))


@dataclass(frozen=True)
class Setting:
    """What `new` set up: blocks but the null block, tokens a block, caching."""

    usable: int
    block_size: int
    caching: bool


def _errors(step: Transition) -> tuple[str, ...]:
    """The errors of which one must be raised; none if the operation is in order."""
    op, request = step.op, step.request
    refused = False
    if op.name == "step":
        begun = bool(step.hits) and request.computed > 0
        refused = begun or not step.start < step.end <= len(request.tokens)
    elif op.name == "truncate":
        refused = not 0 <= integer(op, "num_tokens") <= request.computed
    elif op.name == "fork_onto":
        refused = bool(step.before.table(str(op.args["request"])))
    return ("ValueError",) if refused else ()


def _nothing(step: Transition) -> Iterator[Violation]:
    yield from ()


def wrong_error(allowed: tuple[str, ...], seen: Observation) -> Iterator[Violation]:
    """The violation if another error than allowed was raised, or none where one is due."""
    if allowed and seen.error not in allowed:
        raised = f"raises {seen.error}: {seen.message}".rstrip(": ") if seen.error else "no error"
        yield Violation("I13", f"raises {' or '.join(allowed)}", raised)
    elif not allowed and seen.error:
        yield Violation("", "no error", f"raises {seen.error}: {seen.message}"[:200])
