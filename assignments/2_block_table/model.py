"""A slow, obvious model of a pool under a cache manager. Hidden.

It keeps what every cached block holds, token by token, and the free blocks in the order of their
giving back. Which free block is taken where the contract leaves a choice, others say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from stage2.state import integer, numbers

from autograder.program.model import Op
from autograder.protocol.plain import Json


@dataclass(frozen=True)
class Plan:
    """What a step needs.

    Attributes:
        old: the block that must be copied, if there is one.
        found: blocks of the lookup that it begins with.
        waiting: free blocks that are not among them, least recently given back first.
        missing: how many of those it takes.
        fits: False if it must be refused.
        end: the request's computed tokens afterwards.
    """

    old: list[int]
    found: list[int]
    waiting: list[int]
    missing: int
    fits: bool
    end: int


@dataclass
class Model:
    """The state of a correct submission, by names of requests and lookups and by block ids."""

    size: int = 1
    caching: bool = True
    tokens: dict[str, list[int]] = field(default_factory=dict)
    keys: dict[str, Json] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    tables: dict[str, list[int]] = field(default_factory=dict)
    lookups: dict[str, list[int]] = field(default_factory=dict)
    cached: dict[int, tuple[Json, list[int]]] = field(default_factory=dict)
    queue: list[int] = field(default_factory=list)

    def due(self, op: Op) -> str:
        """The error that is due, or "" for none.

        Raises:
            KeyError: the operation names what was never brought.
        """
        name = str(op.args.get("request", ""))
        wrong = False
        if op.name == "new":
            wrong = integer(op, "block_size") < 1
        elif op.name == "fork_onto":
            wrong = self.tables[name] != []
        elif op.name == "truncate":
            wrong = integer(op, "num_tokens") not in range(self.done[name] + 1)
        elif op.name == "step":
            begins = self.done[name] + len(self._found(op)) * self.size
            count = integer(op, "num_tokens")
            wrong = count < 1 or begins + count > len(self.tokens[name])
            wrong = wrong or bool(self._found(op) and self.tables[name])
        return "ValueError" * wrong

    def plan(self, op: Op) -> Plan:
        """What a step that is in order needs."""
        name = str(op.args["request"])
        table, found = self.tables[name], self._found(op)
        end = self.done[name] + len(found) * self.size + integer(op, "num_tokens")
        partial = self.done[name] % self.size != 0
        old = [key for key in table[-1:] if partial and self._not_to_be_written(key)]
        missing = -(-end // self.size) - len(table) - len(found) + len(old)
        waiting = [key for key in self.queue if key not in found]
        fits = missing + integer(op, "reserved") <= len(waiting)
        return Plan(old, found, waiting, missing, fits, end)

    def evicted(self, plan: Plan) -> list[int]:
        """The cached blocks that a step takes, because too few others are free."""
        count = sum(key not in self.cached for key in plan.waiting)
        cached = [key for key in plan.waiting if key in self.cached]
        return cached[: max(0, plan.missing - count)]

    def right(self, name: str, index: int) -> list[int]:
        """The cached blocks that hold entry `index` of a request's table, after all before it."""
        content = (self.keys[name], self._prefix(name, index))
        return [key for key, own in self.cached.items() if own == content]

    def num_found(self, name: str) -> int:
        """How many blocks a lookup must find."""
        count = 0
        while (count + 1) * self.size < len(self.tokens[name]) and self.right(name, count):
            count += 1
        return count

    def apply(self, op: Op) -> None:
        """Apply an operation that is in order and is neither a lookup nor a step."""
        name = str(op.args.get("request") or op.args.get("parent") or "")
        if op.name == "new":
            self.size, self.caching = integer(op, "block_size"), op.args["caching"] is True
            self.queue = list(range(1, integer(op, "num_blocks")))
        elif op.name == "request":
            self.tokens[op.binds], self.keys[op.binds] = [*numbers(op, "tokens")], _keys(op)
            self.done[op.binds], self.tables[op.binds] = 0, []
        elif op.name == "generate":
            self.tokens[name] = [*self.tokens[name], *numbers(op, "tokens")]
        elif op.name == "fork":
            self.tokens[op.binds], self.keys[op.binds] = self.tokens[name], self.keys[name]
            self.done[op.binds], self.tables[op.binds] = self.done[name], self.tables[name]
        elif op.name == "truncate":
            self.tokens[name] = self.tokens[name][: integer(op, "num_tokens")]
            self._shorten(name, integer(op, "num_tokens"))
        elif op.name == "free":
            self._shorten(name, 0)

    def take(self, name: str, plan: Plan, new: list[int]) -> None:
        """Carry out a step that took these blocks."""
        self.queue = [key for key in plan.waiting if key not in new]
        for key in new:
            self.cached.pop(key, None)
        table = self.tables[name]
        self.tables[name] = [*table[: len(table) - len(plan.old)], *plan.found, *new]
        self._give_back(plan.old)
        self.done[name] = plan.end
        for index, key in enumerate(self.tables[name][: plan.end // self.size]):
            if self.caching and key not in self.cached:
                self.cached[key] = (self.keys[name], self._prefix(name, index))

    def holders(self, key: int) -> int:
        """In how many tables a block stands."""
        return sum(table.count(key) for table in self.tables.values())

    def _shorten(self, name: str, num_tokens: int) -> None:
        blocks = -(-num_tokens // self.size)
        dropped = self.tables[name][blocks:]
        self.tables[name], self.done[name] = self.tables[name][:blocks], num_tokens
        self._give_back(dropped[::-1])

    def _give_back(self, blocks: list[int]) -> None:
        self.queue += [key for key in blocks if not self.holders(key)]

    def _found(self, op: Op) -> list[int]:
        return self.lookups[str(op.args["hit"])] if op.args["hit"] else []

    def _not_to_be_written(self, key: int) -> bool:
        return key in self.cached or self.holders(key) > 1

    def _prefix(self, name: str, index: int) -> list[int]:
        return self.tokens[name][: (index + 1) * self.size]


def _keys(op: Op) -> Json:
    return op.args["extra_keys"]
