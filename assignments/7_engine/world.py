"""The judge's own account of a program: tokens, block tables, and every slot of the memory.

It does to tables and memory what the plans say, and takes keys, values and logits from the plain
implementation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stage7.plain import Plain
from stage7.state import Plan, Segment

from autograder.program.malformed import Malformed

Print = list[float] | None
"""The numbers of a slot; None as long as it holds NaN."""


@dataclass
class World:
    """What should be, after the operations so far.

    Attributes:
        plain: the plain implementation.
        block_size: tokens in a block.
        device: by block and offset, the numbers of a slot.
        host: likewise, for the swap space.
        params: sampling parameters of every request.
        tokens: prompt and generated tokens of every request.
        tables: block tables as the plans gave them.
        computed: tokens whose KV is in the cache.
    """

    plain: Plain
    block_size: int
    device: list[list[Print]]
    host: list[list[Print]]
    params: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tokens: dict[str, list[int]] = field(default_factory=dict)
    tables: dict[str, list[int]] = field(default_factory=dict)
    computed: dict[str, int] = field(default_factory=dict)

    @classmethod
    def make(cls, kind: str, block_size: int, blocks: int, host: int) -> World:
        """A world of caches that hold NaN; `blocks` with the null block, `host` without."""
        device: list[list[Print]] = [[None] * block_size for _ in range(blocks)]
        return cls(Plain(kind), block_size, device, [[None] * block_size for _ in range(host + 1)])

    def add(self, name: str, prompt: list[int], params: Mapping[str, Any]) -> None:
        """A new request, or a new one of an old name."""
        self.plain.forget(name)
        self.tokens[name], self.params[name], self.computed[name] = list(prompt), params, 0

    def fork(self, parent: str, child: str, params: Mapping[str, Any]) -> None:
        """A child of a running request."""
        self.plain.fork(parent, child)
        self.tokens[child], self.params[child] = list(self.tokens[parent]), params
        self.tables[child] = list(self.tables.get(parent, []))
        self.computed[child] = self.computed[parent]

    def apply(self, plan: Plan) -> None:
        """Tables, transfers and writes of one step.

        Raises:
            Malformed: the plan, which may be a submission's, cannot be run.
        """
        self._refuse(plan)
        for name in plan.finished | plan.preempted:
            self.tables.pop(name, None)
        for name in plan.preempted:
            self.computed[name] = 0
        _copy(self.device, self.host, plan.swap_out)
        _copy(self.host, self.device, plan.swap_in)
        _copy(self.device, self.device, plan.copies)
        for name, count in plan.counts.items():
            self._update_table(name, plan)
            start = plan.starts[name]
            self.computed[name] = start + count
            if start + count > len(self.tables[name]) * self.block_size:
                room = len(self.tables[name]) * self.block_size
                raise Malformed(f"blocks for {start + count} tokens of {name}", f"for {room}")
            self.plain.learn(name, self.tokens[name][: start + count])
            for position in range(start, start + count):
                block, offset = self.place(name, position)
                self.device[block][offset] = self.plain.print(name, position)

    def place(self, name: str, position: int) -> tuple[int, int]:
        """Block and offset of a request's token."""
        return self.tables[name][position // self.block_size], position % self.block_size

    def segment(self, name: str, plan: Plan) -> Segment:
        """A request's part of the batch as it should be; `first` means nothing."""
        start, end = plan.starts[name], plan.starts[name] + plan.counts[name]
        places = [self.place(name, position) for position in range(start, end)]
        slots = tuple(block * self.block_size + offset for block, offset in places)
        tokens = tuple(self.tokens[name][start:end])
        table = tuple(self.tables[name][: -(-end // self.block_size)])
        return Segment(0, tokens, tuple(range(start, end)), slots, end, table)

    def is_complete(self, name: str) -> bool:
        """True if all tokens of a request are computed: the next one can be drawn."""
        return self.computed[name] == len(self.tokens[name])

    def tamper(self, block: int, offset: int) -> None:
        """Values of a slot are changed."""
        slot = self.device[block][offset]
        if slot is not None:
            self.device[block][offset] = [
                self.plain.tampered_print if at % 2 else number for at, number in enumerate(slot)
            ]
        for name, table in self.tables.items():
            if block in table:
                position = table.index(block) * self.block_size + offset
                if position < self.computed[name]:
                    self.plain.tamper(name, position)

    def poison(self, live: Iterable[str]) -> None:
        """Blocks that none of these requests holds are filled with NaN."""
        held = {block for name in live for block in self.tables.get(name, [])}
        for block in range(len(self.device)):
            if block not in held:
                self.device[block] = [None] * self.block_size

    def _refuse(self, plan: Plan) -> None:
        """Refuse a plan that speaks of blocks or tokens that are not there."""
        device, host = range(len(self.device)), range(len(self.host))
        pairs = [(pair, device, host) for pair in plan.swap_out]
        pairs += [(pair, host, device) for pair in plan.swap_in]
        pairs += [(pair, device, device) for pair in plan.copies]
        for (source, target), sources, targets in pairs:
            if source not in sources or target not in targets:
                raise Malformed("transfers between blocks", f"from {source} to {target}")
        for name, count in plan.counts.items():
            start, known = plan.starts[name], len(self.tokens.get(name, ()))
            if not 0 <= start < start + count <= known:
                told = f"{count} from {start}, of {known}"
                raise Malformed(f"tokens that {name} has", told)
            if any(block not in device for block in plan.new_blocks[name]):
                raise Malformed(f"blocks for {name}", f"{plan.new_blocks[name]}")

    def _update_table(self, name: str, plan: Plan) -> None:
        new = list(plan.new_blocks[name])
        if name in plan.new | plan.resumed:
            self.tables[name] = new
            return
        table = self.tables.setdefault(name, [])
        if table and new and [table[-1], new[0]] in plan.copies:
            table.pop()
        table += new


def _copy(source: list[list[Print]], target: list[list[Print]], pairs: Iterable[list[int]]) -> None:
    moved = [(new, list(source[old])) for old, new in pairs]
    for new, slots in moved:
        target[new] = slots
