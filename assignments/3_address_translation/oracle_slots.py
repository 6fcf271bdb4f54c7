"""The oracle's part on positions and slots: it lists the slots of whole requests. Hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.program.model import Violation


class SlotOracle:
    """For each operation, which errors are due, and what is wrong with a result."""

    def _locate_raises(self, position: int, block_size: int) -> set[str]:
        if block_size < 1:
            return {"ValueError"}
        return {"UnmappedPosition"} if position < 0 else set()

    def _locate(self, got: Any, _: Any, position: int, block_size: int) -> Iterator[Violation]:
        block, offset = got
        if not (are_ints(got) and offset in range(block_size)):
            yield Violation("I1", f"an offset below {block_size}", f"{got}")
        elif block * block_size + offset != position:
            yield Violation("I1", f"the block and offset of position {position}", f"{got}")

    def _translate_raises(self, position: int, table: list[int], block_size: int) -> set[str]:
        if block_size < 1:
            return {"ValueError"}
        return (
            set() if position in range(len(slots_of(table, block_size))) else {"UnmappedPosition"}
        )

    def _translate(
        self, got: Any, _: Any, position: int, table: list[int], block_size: int
    ) -> Iterator[Violation]:
        slot = slots_of(table, block_size)[position]
        if not are_ints([got]) or got != slot:
            yield Violation("I2", f"slot {slot}", f"{got}")

    def _split_raises(self, slot: int, block_size: int) -> set[str]:
        if block_size < 1:
            return {"ValueError"}
        return {"UnknownSlot"} if slot < 0 else set()

    def _split(self, got: Any, _: Any, slot: int, block_size: int) -> Iterator[Violation]:
        for violation in self._locate(got, _, slot, block_size):
            yield Violation("I6", violation.expected, violation.observed)

    def _owner_raises(self, slot: int, block_size: int, **_: Any) -> set[str]:
        return self._split_raises(slot, block_size)

    def _owner(
        self, got: Any, _: Any, slot: int, tables: Any, tokens: list[int], block_size: int
    ) -> Iterator[Violation]:
        held = {
            (request, position): held_slot
            for request, table in enumerate(tables)
            for position, held_slot in enumerate(slots_of(table, block_size)[: tokens[request]])
        }
        if got is None and slot in held.values():
            yield Violation("I7", f"an owner of slot {slot}", "None")
        elif got is not None and (not are_ints(got) or held.get(tuple(got)) != slot):
            yield Violation("I7", f"an owner of slot {slot}, or None", f"{got}")

    def _batch_raises(
        self, table: Any, lengths: list[int], block_size: int, **rest: Any
    ) -> set[str]:
        if block_size < 1 or len(lengths) > len(table):
            return {"ValueError"}
        mapped = range(rest["columns"] * block_size)
        asked = rest["positions"][: sum(lengths)]
        return set() if all(position in mapped for position in asked) else {"UnmappedPosition"}

    def _batch(
        self, got: Any, _: Any, table: Any, lengths: list[int], block_size: int, **rest: Any
    ) -> Iterator[Violation]:
        positions, wanted = list(rest["positions"]), []
        for row, length in zip(table, lengths, strict=False):
            slots = slots_of(row[:: rest["step"]][: rest["columns"]], block_size)
            for _token in range(length):
                wanted.append(slots[positions.pop(0)])
        wanted += [-1] * len(positions)
        yield from differences("I3", got, "int64", [len(wanted)], wanted)

    def _split_all_raises(self, block_size: int, **_: Any) -> set[str]:
        return {"ValueError"} if block_size < 1 else set()

    def _split_all(
        self, got: Any, _: Any, slots: list[int], block_size: int
    ) -> Iterator[Violation]:
        blocks, offsets = (part["values"] for part in got)
        for slot, block, offset in zip(slots, blocks, offsets, strict=True):
            if slot == -1 and (block, offset) != (-1, -1):
                yield Violation("I4", "-1 and -1 for padding", f"{block} and {offset}")
            elif slot != -1:
                yield from self._split([block, offset], _, slot, block_size)
        for part, values in zip(got, (blocks, offsets), strict=True):
            yield from differences("I6", part, "int64", [len(slots)], values)


def slots_of(table: list[int], block_size: int) -> list[int]:
    """The slots of all positions of a request."""
    return [block * block_size + offset for block in table for offset in range(block_size)]


def are_ints(values: Any) -> bool:
    """True if all of these are plain integers."""
    return all(type(value) is int for value in values)


def differences(
    invariant: str, got: Any, dtype: str, shape: list[int], wanted: list[Any]
) -> Iterator[Violation]:
    """The violation if a tensor is another than wanted."""
    if (got["dtype"], got["shape"]) != (dtype, shape):
        yield Violation(invariant, f"{dtype} {shape}", f"{got['dtype']} {got['shape']}")
    elif got["values"] != wanted:
        yield Violation(invariant, f"{wanted}"[:200], f"{got['values']}"[:200])
