"""The performance workload of a block table: one long row, short ones, and what is kept of them."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json

BLOCK_SIZE = 32
CALLS = 64
ROWS, SHORT, FULL = 64, 4, 8
"""Rows of the table, ids of a short row, and rows of the table that is filled."""


class Table:
    """A table with one long row, of the blocks of `size` tokens; the other rows are empty."""

    CASES = ("rows", "clear", "table_bytes")

    def __init__(self, module: ModuleType, size: int) -> None:
        self._class = module.BlockTable
        self._width = size // BLOCK_SIZE + CALLS
        self._ids = list(range(1, size // BLOCK_SIZE + 1))
        self._table: Any = self._class(ROWS, self._width)
        self._table.add_row(self._ids, 0)

    def rows(self) -> Any:
        """Append to the long row; fill, exchange and move short ones."""
        table = self._table

        def run() -> Any:
            for row in range(1, ROWS, 4):
                table.append_row([row], 0)
                table.add_row([row] * SHORT, row)
                table.append_row([row, row], row + 1)
                table.swap_row(row, row + 1)
                table.move_row(row, row + 2)
                table.clear_row(row + 1)
            return show

        def show() -> Json:
            array = table.get_numpy_array()
            tail = array[0, len(self._ids) : len(self._ids) + ROWS // 4].tolist()
            counts = [int(count) for count in table.num_blocks_per_row]
            return {"tail": tail, "counts": counts[1:], "rows": array[1:, :SHORT].tolist()}

        return run

    def clear(self) -> Any:
        """Bring the table back to what it was."""

        def run() -> Any:
            for row in range(1, ROWS):
                self._table.clear_row(row)
            self._table.add_row(self._ids, 0)
            return lambda: None

        return run

    def table_bytes(self) -> tuple[Json, float]:
        """What is kept an entry of a full table."""
        made: list[Any] = []

        def fill() -> None:
            made.append(self._class(FULL, self._width))
            for row in range(FULL):
                made[0].add_row([row * self._width + 300 + key for key in range(self._width)], row)

        amount = kept(fill) / (FULL * self._width)
        last = made[0].get_numpy_array()[FULL - 1, self._width - 1]
        return {"last": int(last), "entries": FULL * self._width}, amount


def kept(work: Callable[[], None]) -> float:
    """Bytes of Python's and numpy's memory that are in use after some work and were not before."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        return float(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
