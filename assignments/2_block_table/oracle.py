"""Holds what a submission shows against a slow, obvious model. Hidden.

It adopts the submission's choices where the contract leaves one (which free block that is not
cached is taken). Written apart from the contract on purpose: a test holds the two against each
other on every chaff and wheat.
"""

from __future__ import annotations

from collections.abc import Iterator

from stage2.model import Model, Plan
from stage2.row_oracle import RowOracle
from stage2.state import ManagerState, about_rows, is_ids, read_manager, said

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation
from autograder.protocol.plain import Json


class Oracle:
    """Checks the observations of one program against the model, in order."""

    def __init__(self) -> None:
        self._row_oracle = RowOracle()
        self._model = Model()

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Apply the operation to the model and give every difference."""
        if about_rows(op):
            yield from self._row_oracle.step(op, seen)
            return
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            due = self._model.due(op)
            if seen.error != due:
                yield Violation("I13" if due else "", due or "no error", seen.error or "no error")
            elif not (due and op.name == "new"):
                yield from self._apply(op, seen, due)
        except Malformed as malformed:
            yield malformed.violation
        except KeyError:
            yield Violation("", "not run: it names what was never brought", "it was run")

    def _apply(self, op: Op, seen: Observation, due: str) -> Iterator[Violation]:
        after = read_manager(seen.state)
        refused = bool(due)
        if op.name == "lookup":
            yield from self._lookup(op, seen.result)
        elif op.name == "step" and not due:
            plan = self._model.plan(op)
            refused = not plan.fits
            yield from self._step(op, plan, seen.result)
        elif not due:
            self._model.apply(op)
        yield from self._differences(after, "I4" if refused else "")

    def _lookup(self, op: Op, result: Json) -> Iterator[Violation]:
        model, name = self._model, str(op.args["request"])
        found = result[0] if isinstance(result, list) and len(result) == 2 else None
        if not isinstance(result, list) or not is_ids(found):
            yield Violation("", "(blocks, number of tokens)", f"{result}"[:200])
            return
        count = model.num_found(name)
        if len(found) != count or result[1] != count * model.size or type(result[1]) is not int:
            expected = f"blocks: {count}, tokens: {count * model.size}"
            yield Violation("I7", expected, f"blocks: {len(found)}, tokens: {said(result[1])}")
        for index, key in enumerate(found[:count]):
            if key not in model.right(name, index):
                yield Violation("I7", f"one of {model.right(name, index)}", f"{key}")
        model.lookups[op.binds] = list(found)

    def _step(self, op: Op, plan: Plan, result: Json) -> Iterator[Violation]:
        stated = f"takes {plan.missing}, keeps {op.args['reserved']}, {len(plan.waiting)} are free"
        if not plan.fits:
            if result is not None:
                yield Violation("I5", f"None: {stated}", said(result))
            return
        new = result.get("new") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not is_ids(new):
            yield Violation("I5", f"the slots: {stated}", said(result))
            return
        if bool(result["copies"]) != bool(plan.old) or len(new) != plan.missing:
            yield from _amount(plan, new, result["copies"])
            return
        evicted = self._model.evicted(plan)
        if len(set(new)) != len(new) or not set(new) <= set(plan.waiting):
            yield Violation("I2", f"{plan.missing} of the blocks {plan.waiting}", f"{new}")
        elif {key for key in new if key in self._model.cached} != set(evicted):
            yield Violation("I12", f"{evicted or 'nothing'} evicted", f"blocks {new} taken")
        if result["copies"] != [[key, new[0]] for key in plan.old]:
            right = f"copies {[[key, new[0]] for key in plan.old]}"
            yield Violation("I10", right, f"copies {said(result['copies'])}")
        self._model.take(str(op.args["request"]), plan, list(new))

    def _differences(self, after: ManagerState, rule: str) -> Iterator[Violation]:
        model = self._model
        for name, table in model.tables.items():
            if list(after.table(name)) != table:
                yield Violation(rule or "I6", f"{name} holds {table}", f"{after.table(name)}")
            progress = (len(model.tokens[name]), model.done[name])
            if after.progress.get(name) != progress:
                yield Violation(rule or "I1", f"{name}: {progress}", f"{after.progress.get(name)}")
        if after.free != len(model.queue):
            yield Violation(rule or "I3", f"{len(model.queue)} free", f"{after.free} free")
        for key, block in after.blocks.items():
            if block.ref_cnt != model.holders(key):
                expected = f"block {key} has ref_cnt {model.holders(key)}"
                yield Violation(rule or "I3", expected, f"ref_cnt {block.ref_cnt}")
            if block.cached != (key in model.cached):
                expected = f"block {key} cached: {key in model.cached}"
                yield Violation(rule or "I8", expected, f"{block.cached}")


def _amount(plan: Plan, new: list[int], copies: Json) -> Iterator[Violation]:
    """Too many or too few new blocks, or a copy that is missing or not called for."""
    if plan.old and not copies:
        yield Violation("I10", f"a copy of block {plan.old[0]}: it is shared or cached", "no copy")
    elif copies and not plan.old:
        yield Violation("I10", "no copy: no block is shared or cached", f"copies {said(copies)}")
    else:
        yield Violation("I1", f"new blocks: {plan.missing}", f"new blocks: {len(new)}, {new}")
