"""What each operation of a cache manager must do, seen from outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
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
            expected = f"{needed} blocks for the {request.computed} computed tokens of {name}"
            yield Violation("I1", expected, f"{_names(table)} in its table")
        if after.progress.get(name) != (len(request.tokens), request.computed):
            expected = f"{name}: {len(request.tokens)} tokens, {request.computed} computed"
            yield Violation("I1", f"{expected}, as its caller set them", _progress(after, name))
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
            yield Violation(invariant, _holds(before, name, "still holds"), _holds(after, name))
            return
        if after.progress.get(name) != before.progress.get(name):
            yield Violation(invariant, _progress(before, name), _progress(after, name))
            return
    for key, block in before.blocks.items():
        if after.block(key) != block:
            expected = f"block {key} keeps ref_cnt {block.ref_cnt}, cached {block.cached}"
            now = after.block(key)
            yield Violation(invariant, expected, f"ref_cnt {now.ref_cnt}, cached {now.cached}")
            return


def _step(step: Transition) -> Iterator[Violation]:
    revived = sum(step.before.block(key).ref_cnt == 0 for key in step.hits)
    reserved = integer(step.op, "reserved")
    taken = f"{step.wanted} new" + (f" and {revived} free cached ones" if revived else "")
    stated = f"takes {taken}, keeps {reserved}, {step.before.free} are free"
    if step.wanted + revived + reserved > step.before.free:
        if step.result is not None:
            yield Violation("I5", f"None: {stated}", said(step.result))
        yield from unchanged("I4", step.before, step.after)
        return
    if step.result is None:
        yield Violation("I5", f"the slots: {stated}", "None")
        return
    yield from _taken(step)
    table, old = step.after.table(step.name), step.before.table(step.name)
    kept = old[: len(old) - len(step.copied)]
    if table != (*kept, *step.hits, *step.new_blocks):
        parts = [("its own", kept), ("hits", step.hits), ("new", step.new_blocks)]
        listed = ", ".join(f"{_ids(keys)} ({what})" for what, keys in parts if keys)
        yield Violation("I6", f"{step.name} holds {listed}", _holds(step.after, step.name))
    yield from _others_unchanged(step, "I6", step.name)
    yield from _cached(step, table)


def _taken(step: Transition) -> Iterator[Violation]:
    """The new blocks and the copies that a step names."""
    result, new = step.result, step.new_blocks
    if not isinstance(result, dict) or not is_ids(result.get("new")):
        shown = result.get("new") if isinstance(result, dict) else result
        yield Violation("", "new_blocks is a tuple of KVCacheBlock", said(shown))
        return
    wrong = set(new) & set(step.before.holders()) | set(new) & set(step.hits)
    if wrong or len(set(new)) != len(new) or not all(0 < key <= step.usable for key in new):
        yield Violation("I2", "new blocks that no table holds", f"blocks {_ids(new)}")
    if len(new) != step.wanted:
        expected = f"{step.wanted} new blocks for positions {step.start} ... {step.end - 1}"
        yield Violation("I1", expected, f"{len(new)} new blocks")
    due = [[key, block] for key, block in zip(step.copied, new, strict=False)]
    copies = result.get("copies")
    if copies != due:
        why = " (that block is shared or cached)" if due else ""
        yield Violation("I10", f"copies {_pairs(due)}{why}", f"copies {_pairs(copies)}")
    yield from _eviction(step)


def _eviction(step: Transition) -> Iterator[Violation]:
    """Blocks that are not cached go first, then cached ones in the order of their giving back."""
    blocks = step.before.blocks.items()
    cached = {key for key, block in blocks if block.ref_cnt == 0 and block.cached} - {*step.hits}
    revived = sum(step.before.block(key).ref_cnt == 0 for key in step.hits)
    due = max(0, len(step.new_blocks) - (step.before.free - revived - len(cached)))
    evicted, oldest = set(step.new_blocks) & cached, step.contents.oldest(cached, due)
    if evicted != set(oldest):
        yield Violation("I12", f"{_names(oldest)} evicted", f"{_names(evicted)} evicted")


def _cached(step: Transition, table: tuple[int, ...]) -> Iterator[Violation]:
    """Of the blocks that the step writes, exactly the full ones are cached."""
    for index in range(step.start // step.block_size, len(table)):
        full = step.caching and (index + 1) * step.block_size <= step.end
        if step.after.block(table[index]).cached != full:
            state = "full" if (index + 1) * step.block_size <= step.end else "not full"
            expected = f"block {table[index]} of {step.name} ({state}) is "
            words = ("cached", "not cached") if full else ("not cached", "cached")
            yield Violation("I8", expected + words[0], f"it is {words[1]}")
            return


def _lookup(step: Transition) -> Iterator[Violation]:
    request, result = step.request, step.result
    if not isinstance(result, list) or len(result) != 2 or not is_ids(result[0]):
        shown = result[0] if isinstance(result, list) and result else result
        yield Violation("", "a tuple of a list of KVCacheBlock and an int", said(shown))
        return
    found = result[0]
    right = []
    for end in range(step.block_size, len(request.tokens), step.block_size):
        content = (request.extra_keys, request.tokens[:end])
        blocks = step.contents.holding(content, step.before) if step.caching else set()
        if not blocks:
            break
        right.append(blocks)
    if len(found) != len(right):
        expected = f"{len(right)} blocks of the prefix of {step.name} ({_any(right)})"
        yield Violation("I7", expected, f"{len(found)} blocks ({_ids(found)})")
    elif not all(key in blocks for key, blocks in zip(found, right, strict=True)):
        yield Violation("I7", f"blocks with its own content ({_any(right)})", f"{_ids(found)}")
    elif result[1] != len(right) * step.block_size or type(result[1]) is not int:
        expected = f"{len(right) * step.block_size} computed tokens"
        yield Violation("I7", expected, said(result[1]))
    yield from unchanged("I7", step.before, step.after)


def _fork(step: Transition) -> Iterator[Violation]:
    child, table = step.op.binds, step.before.table(step.name)
    if step.after.table(child) != table:
        expected = f"{child} holds {_ids(table)}, as {step.name} does"
        yield Violation("I9", expected, _holds(step.after, child))
    if step.after.free != step.before.free:
        yield Violation("I9", f"still {step.before.free} free", f"{step.after.free} free")
    yield from _others_unchanged(step, "I9", step.op.binds)


def _truncate(step: Transition) -> Iterator[Violation]:
    kept = step.before.table(step.name)[: step.blocks(integer(step.op, "num_tokens"))]
    yield from _left(step, kept)


def _free(step: Transition) -> Iterator[Violation]:
    yield from _left(step, ())


def _left(step: Transition, kept: tuple[int, ...]) -> Iterator[Violation]:
    if step.after.table(step.name) != kept:
        expected = f"{step.name} holds {_ids(kept)}"
        yield Violation("I11", expected, _holds(step.after, step.name))
    yield from _others_unchanged(step, "I11", step.name)


def _others_unchanged(step: Transition, invariant: str, changed: str) -> Iterator[Violation]:
    """Every table but that of one request stays as it was."""
    for name, table in step.before.tables.items():
        if name != changed and step.after.table(name) != table:
            expected = _holds(step.before, name, "still holds")
            yield Violation(invariant, expected, _holds(step.after, name))
            return


def _holds(state: ManagerState, name: str, verb: str = "holds") -> str:
    return f"{name} {verb} {_ids(state.table(name))}"


def _progress(state: ManagerState, name: str) -> str:
    tokens, computed = state.progress.get(name, (0, 0))
    return f"{name}: {tokens} tokens, {computed} computed"


def _ids(keys: Collection[int]) -> str:
    return ", ".join(map(str, keys)) if keys else "no block"


def _any(options: list[set[int]]) -> str:
    return ", ".join("/".join(map(str, sorted(blocks))) for blocks in options) or "none"


def _pairs(pairs: Json) -> str:
    return said(pairs) if pairs else "none"


def _names(keys: Collection[int]) -> str:
    listed = ", ".join(map(str, sorted(keys)))
    return f"block {listed}" if len(keys) == 1 else f"blocks {listed}" if keys else "no block"


POSTCONDITIONS: Mapping[str, Callable[[Transition], Iterator[Violation]]] = {
    "lookup": _lookup,
    "step": _step,
    "fork": _fork,
    "truncate": _truncate,
    "free": _free,
}
"""By operation: what is wrong with a transition, the worst first."""
