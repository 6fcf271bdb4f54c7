"""The contract of batched tables, as predicates over two neighbouring observations."""

from __future__ import annotations

from collections.abc import Iterator

from stage2.state import TableState, integer, numbers, read_table

from autograder.program.malformed import Malformed
from autograder.program.model import Observation, Op, Violation

LARGEST_ID = 2**31 - 1

Rows = list[tuple[int, ...]]
"""The block ids of each row, without what pads it."""


class RowContract:
    """Checks the observations of one program about a table, in order."""

    def __init__(self) -> None:
        self._before: Rows = []
        self._width = 0

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if op.name == "rows":
            reqs, self._width = integer(op, "reqs"), integer(op, "blocks")
            self._before = [()] * max(reqs, 0)
            errors = ("ValueError",) if min(reqs, self._width) < 1 else ()
        else:
            errors = self._errors(op)
        yield from _wrong_error(errors, seen)
        if op.name == "rows" and (errors or seen.error):
            return
        try:
            after = read_table(seen.state)
        except Malformed as malformed:
            yield malformed.violation
            return
        expected = self._before if errors else self._expected(op)
        yield from self._differences(expected, after, "I4" if errors else "")
        self._before = expected

    def _errors(self, op: Op) -> tuple[str, ...]:
        """The errors of which one must be raised; none if the operation is in order."""
        errors = []
        named = [integer(op, key) for key in ("row", "src", "tgt") if key in op.args]
        if not all(0 <= row < len(self._before) for row in named):
            errors.append("IndexError")
        if "block_ids" in op.args:
            ids = numbers(op, "block_ids")
            room = self._width
            if op.name == "append_row" and not errors:
                room -= len(self._before[named[0]])
            if len(ids) > room or not all(0 <= key <= LARGEST_ID for key in ids):
                errors.append("ValueError")
        return tuple(errors)

    def _expected(self, op: Op) -> Rows:
        """The rows after an operation that is in order."""
        rows = list(self._before)
        if op.name == "append_row":
            rows[integer(op, "row")] += numbers(op, "block_ids")
        elif op.name == "add_row":
            rows[integer(op, "row")] = numbers(op, "block_ids")
        elif op.name == "clear_row":
            rows[integer(op, "row")] = ()
        elif op.name == "move_row":
            src, tgt = integer(op, "src"), integer(op, "tgt")
            moved, rows[src] = rows[src], ()
            rows[tgt] = moved
        elif op.name == "swap_row":
            src, tgt = integer(op, "src"), integer(op, "tgt")
            rows[src], rows[tgt] = rows[tgt], rows[src]
        return rows

    def _differences(self, expected: Rows, after: TableState, rule: str) -> Iterator[Violation]:
        shape = (len(expected), self._width)
        if len(after.rows) != shape[0] or any(len(row) != shape[1] for row in after.rows):
            seen = sorted({(len(after.rows), len(row)) for row in after.rows})
            yield Violation(rule or "I14", f"shape {shape}", f"{seen}")
            return
        for index, ids in enumerate(expected):
            same = ids == self._before[index]
            right = ids + (0,) * (self._width - len(ids))
            invariant = rule or ("I15" if same else "I14")
            if after.rows[index] != right:
                expected_row = f"row {index}: {list(right)}"
                yield Violation(invariant, expected_row, f"{list(after.rows[index])}")
            if after.counts[index] != len(ids):
                expected_count = f"num_blocks_per_row[{index}] is {len(ids)}"
                yield Violation(invariant, expected_count, f"{after.counts[index]}")


def _wrong_error(allowed: tuple[str, ...], seen: Observation) -> Iterator[Violation]:
    if allowed and seen.error not in allowed:
        raised = f"raises {seen.error}: {seen.message}".rstrip(": ") if seen.error else "no error"
        yield Violation("I13", f"raises {' or '.join(allowed)}", raised)
    elif not allowed and seen.error:
        yield Violation("", "no error", f"raises {seen.error}: {seen.message}"[:200])
