"""One operation of a cache manager, seen from outside, and what holds after every one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from stage2.contents import Contents, Request
from stage2.state import ManagerState, integer, is_ids, said

from autograder.program.model import Op, Violation
from autograder.protocol.plain import Json


@dataclass(frozen=True)
class Transition:
    """One operation that was in order and raised nothing.

    Attributes:
        name: of the request that the operation is about; `request` is what it was before.
        hits: blocks of the lookup that a step begins with.
        usable: blocks of the pool but the null block.
    """

    op: Op
    result: Json
    name: str
    request: Request
    hits: tuple[int, ...]
    usable: int
    block_size: int
    caching: bool
    before: ManagerState
    after: ManagerState
    contents: Contents

    @property
    def start(self) -> int:
        """First position that a step computes."""
        return self.request.computed + len(self.hits) * self.block_size

    @property
    def end(self) -> int:
        """The position behind the last one that a step computes."""
        return self.start + integer(self.op, "num_tokens")

    @property
    def copied(self) -> tuple[int, ...]:
        """The block that a step must not write into, if there is one: it is shared or cached."""
        table = self.before.table(self.name)
        if self.start % self.block_size == 0 or not table:
            return ()
        last = self.before.block(table[-1])
        return table[-1:] if last.ref_cnt > 1 or last.cached else ()

    def blocks(self, num_tokens: int) -> int:
        """How many blocks hold so many tokens."""
        return -(-num_tokens // self.block_size)

    @property
    def wanted(self) -> int:
        """How many new blocks a step takes."""
        held = len(self.before.table(self.name)) + len(self.hits) - len(self.copied)
        return self.blocks(self.end) - held

    @property
    def new_blocks(self) -> tuple[int, ...]:
        """Ids of the blocks that a step says it took; none if it says nothing readable."""
        new = self.result.get("new") if isinstance(self.result, dict) else None
        return tuple(new) if is_ids(new) else ()


def everywhere(step: Transition, requests: Mapping[str, Request]) -> Iterator[Violation]:
    """What holds after every operation; `requests` are as they must be by now."""
    after, holders = step.after, step.after.holders()
    for name, request in requests.items():
        table, needed = after.table(name), step.blocks(request.computed)
        if len(table) != needed:
            expected = f"blocks for the {request.computed} computed tokens of {name}: {needed}"
            yield Violation("I1", expected, f"in its table: {listed(table)}")
        if after.progress.get(name) != (len(request.tokens), request.computed):
            expected = f"{name}: {len(request.tokens)} tokens, {request.computed} computed"
            yield Violation("I1", f"{expected}, as its caller set them", progress(after, name))
    for key, block in after.blocks.items():
        if block.ref_cnt != holders[key]:
            expected = f"block {key} has ref_cnt {holders[key]}: so many tables hold it"
            yield Violation("I3", expected, f"ref_cnt {block.ref_cnt}")
    free = step.usable - len(holders)
    if after.free != free:
        expected = f"{free} free ({step.usable} usable, {len(holders)} in tables)"
        yield Violation("I3", expected, f"{after.free} free")
    yield from _kept_hashes(step)


def _kept_hashes(step: Transition) -> Iterator[Violation]:
    """Only a step changes what is cached: the blocks that it takes, and those that it fills."""
    filled = set(step.after.table(step.name)) if step.op.name == "step" else set()
    for key, block in step.before.blocks.items():
        if key not in filled and step.after.block(key).cached != block.cached:
            was, now = ("cached", "not cached") if block.cached else ("not cached", "cached")
            yield Violation("I8", f"block {key} stays {was}", f"it is {now}")
            return


def unchanged(invariant: str, before: ManagerState, after: ManagerState) -> Iterator[Violation]:
    """A violation of `invariant` for the first thing that differs."""
    if after.free != before.free:
        yield Violation(invariant, f"still {before.free} free", f"{after.free} free")
    for name in before.tables:
        if after.table(name) != before.table(name):
            yield Violation(invariant, holds(before, name, "still holds"), holds(after, name))
            return
        if after.progress.get(name) != before.progress.get(name):
            yield Violation(invariant, progress(before, name), progress(after, name))
            return
    for key, block in before.blocks.items():
        if after.block(key) != block:
            expected = f"block {key} keeps ref_cnt {block.ref_cnt}, cached {block.cached}"
            now = after.block(key)
            yield Violation(invariant, expected, f"ref_cnt {now.ref_cnt}, cached {now.cached}")
            return


def holds(state: ManagerState, name: str, verb: str = "holds") -> str:
    """A request's table in words."""
    return f"{name} {verb} {listed(state.table(name))}"


def progress(state: ManagerState, name: str) -> str:
    """A request's counters in words."""
    tokens, computed = state.progress.get(name, (0, 0))
    return f"{name}: {tokens} tokens, {computed} computed"


def listed(keys: Collection[int]) -> str:
    """Block ids in their order."""
    return ", ".join(map(str, keys)) if keys else "no block"


def either(options: list[set[int]]) -> str:
    """For each entry the blocks that would do."""
    return ", ".join("/".join(map(str, sorted(blocks))) for blocks in options) or "none"


def pairs(pairs: Json) -> str:
    """Copies, as they were told."""
    return said(pairs) if pairs else "none"


def names(keys: Collection[int]) -> str:
    """Blocks by their ids, sorted."""
    ids = ", ".join(map(str, sorted(keys)))
    return f"block {ids}" if len(keys) == 1 else f"blocks {ids}" if keys else "no block"
