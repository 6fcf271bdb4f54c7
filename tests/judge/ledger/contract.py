"""What must hold of a ledger."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.program.model import NotWritten, Observation, Op, Violation


class Contract:
    """L1: total() is the sum. L2: put gives the amount back. L3: misuse raises."""

    def __init__(self) -> None:
        self._sum = 0
        self._lists: dict[str, list[int]] = {}

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Judge one operation."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        amount = int(str(op.args.get("amount", 0)))
        if op.name == "put" and amount < 0:
            if seen.error != "ValueError":
                yield Violation("L3", "raises ValueError", seen.error or "no error")
            return
        if seen.error:
            yield Violation("", "no error", f"raises {seen.error}")
        elif op.name == "put":
            self._sum += amount
            self._lists[op.binds] = [amount]
            if seen.result != [amount]:
                yield Violation("L2", f"[{amount}]", f"{seen.result}")
        elif op.name == "drop":
            self._sum -= self._lists[str(op.args["item"]).partition("[")[0]][0]
        elif op.name == "total" and seen.result != self._sum:
            yield Violation("L1", f"{self._sum}", f"{seen.result}")
