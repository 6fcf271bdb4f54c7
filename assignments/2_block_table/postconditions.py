"""What each operation of a cache manager must do, seen from outside: one predicate an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from stage2.state import integer, is_ids, said
from stage2.transition import Transition, either, holds, listed, names, pairs, unchanged

from autograder.program.model import Violation


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
        held = ", ".join(f"{listed(keys)} ({what})" for what, keys in parts if keys)
        yield Violation("I6", f"{step.name} holds {held}", holds(step.after, step.name))
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
        yield Violation("I2", "new blocks that no table holds", f"blocks {listed(new)}")
    if len(new) != step.wanted:
        expected = f"new blocks for positions {step.start} ... {step.end - 1}: {step.wanted}"
        yield Violation("I1", expected, f"new blocks: {len(new)}")
    due = [[key, block] for key, block in zip(step.copied, new, strict=False)]
    copies = result.get("copies")
    if copies != due:
        why = " (that block is shared or cached)" if due else ""
        yield Violation("I10", f"copies {pairs(due)}{why}", f"copies {pairs(copies)}")
    yield from _eviction(step)


def _eviction(step: Transition) -> Iterator[Violation]:
    """Blocks that are not cached go first, then cached ones in the order of their giving back."""
    blocks = step.before.blocks.items()
    cached = {key for key, block in blocks if block.ref_cnt == 0 and block.cached} - {*step.hits}
    revived = sum(step.before.block(key).ref_cnt == 0 for key in step.hits)
    due = max(0, len(step.new_blocks) - (step.before.free - revived - len(cached)))
    evicted, oldest = set(step.new_blocks) & cached, step.contents.oldest(cached, due)
    if evicted != set(oldest):
        yield Violation("I12", f"{names(oldest)} evicted", f"{names(evicted)} evicted")


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
        expected = f"blocks of the prefix of {step.name}: {either(right)}"
        yield Violation("I7", expected, f"blocks: {listed(found)}")
    elif not all(key in blocks for key, blocks in zip(found, right, strict=True)):
        yield Violation("I7", f"blocks with its own content ({either(right)})", f"{listed(found)}")
    elif result[1] != len(right) * step.block_size or type(result[1]) is not int:
        expected = f"{len(right) * step.block_size} computed tokens"
        yield Violation("I7", expected, said(result[1]))
    yield from unchanged("I7", step.before, step.after)


def _fork(step: Transition) -> Iterator[Violation]:
    child, table = step.op.binds, step.before.table(step.name)
    if step.after.table(child) != table:
        expected = f"{child} holds {listed(table)}, as {step.name} does"
        yield Violation("I9", expected, holds(step.after, child))
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
        expected = f"{step.name} holds {listed(kept)}"
        yield Violation("I11", expected, holds(step.after, step.name))
    yield from _others_unchanged(step, "I11", step.name)


def _others_unchanged(step: Transition, invariant: str, changed: str) -> Iterator[Violation]:
    """Every table but that of one request stays as it was."""
    for name, table in step.before.tables.items():
        if name != changed and step.after.table(name) != table:
            expected = holds(step.before, name, "still holds")
            yield Violation(invariant, expected, holds(step.after, name))
            return


POSTCONDITIONS: Mapping[str, Callable[[Transition], Iterator[Violation]]] = {
    "lookup": _lookup,
    "step": _step,
    "fork": _fork,
    "truncate": _truncate,
    "free": _free,
}
"""By operation: what is wrong with a transition, the worst first."""
