"""A slow, obvious model of a batched table: lists that grow. Hidden."""

from __future__ import annotations

from collections.abc import Iterator

from stage2.state import is_ids, read_table

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation


class RowOracle:
    """Checks the observations of one program against lists of block ids, in order."""

    def __init__(self) -> None:
        self._rows: list[list[int]] = []
        self._width = 0

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Apply the operation to the model and give every difference."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        args = {key: value for key, value in op.args.items() if isinstance(value, int)}
        due = self._due(op, args)
        if seen.error not in (due or [""]):
            yield Violation("I13" if due else "", f"{due or 'no error'}", seen.error or "no error")
            return
        if op.name == "rows":
            if due:
                return
            self._rows, self._width = [[] for _ in range(args["reqs"])], args["blocks"]
        elif not due:
            self._apply(op, args)
        try:
            after = read_table(seen.state)
        except Malformed as malformed:
            yield malformed.violation
            return
        if len(after.rows) != len(self._rows):
            yield Violation("I14", f"{len(self._rows)} rows", f"{len(after.rows)} rows")
            return
        for number, ids in enumerate(self._rows):
            shown, count = list(after.rows[number]), after.counts[number]
            if shown != ids + [0] * (self._width - len(ids)) or count != len(ids):
                named = number in [args.get(key) for key in ("row", "src", "tgt")]
                rule = "I4" if due else "I14" if named else "I15"
                yield Violation(rule, f"row {number} holds {ids}", f"{shown}, count {count}")

    def _due(self, op: Op, args: dict[str, int]) -> list[str]:
        """The errors of which one is due."""
        if op.name == "rows":
            return ["ValueError"] * (args["reqs"] < 1 or args["blocks"] < 1)
        rows = [args[key] for key in ("row", "src", "tgt") if key in args]
        due = ["IndexError"] * any(row not in range(len(self._rows)) for row in rows)
        ids = op.args.get("block_ids", [])
        assert is_ids(ids)
        before = self._rows[args["row"]] if op.name == "append_row" and not due else []
        if len(before + ids) > self._width or any(key < 0 or key >= 1 << 31 for key in ids):
            due.append("ValueError")
        return due

    def _apply(self, op: Op, args: dict[str, int]) -> None:
        ids = op.args.get("block_ids", [])
        assert is_ids(ids)
        if op.name == "append_row":
            self._rows[args["row"]] = self._rows[args["row"]] + ids
        elif op.name in ("add_row", "clear_row"):
            self._rows[args["row"]] = list(ids)
        elif op.name == "swap_row" or args["src"] != args["tgt"]:
            source = self._rows[args["src"]]
            self._rows[args["src"]] = self._rows[args["tgt"]] if op.name == "swap_row" else []
            self._rows[args["tgt"]] = source
