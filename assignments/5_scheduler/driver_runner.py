"""Plays the model runner: does what the plan says and nothing else.

It keeps KV in imagined memory, block by block, and lets the model read what is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stage5.driver_text import next_token

P = 4
"""Block size of all programs."""


class Runner:
    """Memory of device and host, slot by slot, and the block tables that the plans have brought."""

    def __init__(self) -> None:
        self.tables: dict[str, list[int]] = {}
        self._device: dict[tuple[int, int], int] = {}
        self._host: dict[tuple[int, int], int] = {}

    def fork(self, parent: str, child: str) -> None:
        self.tables[child] = list(self.tables.get(parent, []))

    def run(self, plan: Mapping[str, Any], requests: Mapping[str, Any]) -> dict[str, list[int]]:
        """Do what the plan says; give what the model says of each request in it."""
        for name in (*plan["finished_req_ids"], *plan["preempted_req_ids"]):
            self.tables.pop(name, None)
        self._transfer(plan["blocks_to_swap_out"], self._device, self._host)
        self._transfer(plan["blocks_to_swap_in"], self._host, self._device)
        self._transfer(plan["blocks_to_copy"], self._device, self._device)
        ends = {}
        for name, count in plan["num_scheduled_tokens"].items():
            self._update_table(name, plan)
            start = plan["num_computed_tokens"][name]
            ends[name] = start + count
            tokens = requests[name].token_ids
            for position in range(start, min(ends[name], len(tokens))):
                self._device[self._slot(name, position)] = tokens[position]
        return {name: [self._says(name, end)] for name, end in ends.items()}

    def _transfer(self, pairs: Sequence[Any], source: Any, target: Any) -> None:
        moved = {
            (new, offset): source.get((old, offset), -1)
            for old, new in pairs
            for offset in range(P)
        }
        target.update(moved)

    def _update_table(self, name: str, plan: Mapping[str, Any]) -> None:
        new_ids = list(plan["new_block_ids"][name])
        if name in plan["scheduled_new_req_ids"] or name in plan["resumed_req_ids"]:
            self.tables[name] = new_ids
            return
        table = self.tables.setdefault(name, [])
        if table and new_ids and [table[-1], new_ids[0]] in plan["blocks_to_copy"]:
            table.pop()
        table += new_ids

    def _says(self, name: str, end: int) -> int:
        slots = (self._slot(name, position) for position in range(end))
        return next_token([self._device.get(slot, -1) for slot in slots])

    def _slot(self, name: str, position: int) -> tuple[int, int]:
        table = self.tables[name]
        return (table[position // P] if position // P < len(table) else -1, position % P)
