"""What each operation of a pool must do, seen from outside: one predicate an operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from stage1.state import Block, PoolState, is_ids, said

from autograder.program.model import Op, Violation
from autograder.protocol.plain import Json


@dataclass(frozen=True)
class Transition:
    """One operation that was in order and raised nothing.

    Attributes:
        ids: blocks that the operation names; the null block is 0.
        usable: blocks of the pool but the null block.
        freed: when each block was last given back, by id, in growing numbers.
    """

    op: Op
    result: Json
    ids: list[int]
    usable: int
    freed: Mapping[int, int]
    before: PoolState
    after: PoolState


def everywhere(step: Transition) -> Iterator[Violation]:
    """What holds after every operation: blocks are conserved, lookups and blocks agree."""
    after = step.after
    free = step.usable - after.in_use
    if after.free != free:
        total = f"{step.usable} usable, {after.in_use} in use"
        yield Violation("I1", f"{free} free ({total})", f"{after.free} free")
    for label, found in after.cached.items():
        right = after.holding(label)
        if (found is None and right) or (found is not None and found not in right):
            yield Violation("I8", f"{label} finds {_names(right)}", f"{label} finds {found}")
    yield from _kept_hashes(step)


def _kept_hashes(step: Transition) -> Iterator[Violation]:
    """A hash stays with its block until the block is handed out again or the cache is reset."""
    handed = step.result if step.op.name == "get" and isinstance(step.result, list) else []
    for key, block in step.before.blocks.items():
        label = step.after.block(key).label
        if block.label is not None and label != block.label and key not in handed:
            if step.op.name != "reset":
                yield Violation("I8", f"block {key} keeps hash {block.label}", f"it has {label}")
                return


def unchanged(invariant: str, before: PoolState, after: PoolState) -> Iterator[Violation]:
    """A violation of `invariant` for the first thing that differs."""
    if after.free != before.free:
        yield Violation(invariant, f"still {before.free} free", f"{after.free} free")
    for key, block in before.blocks.items():
        if after.block(key) != block:
            shown = f"block {key} has {_shown(after.block(key))}"
            yield Violation(invariant, f"block {key} keeps {_shown(block)}", shown)
            return
    for label, found in before.cached.items():
        if (after.cached.get(label) is None) != (found is None):
            finds = f"{label} finds {after.cached.get(label)}"
            yield Violation(invariant, f"{label} still finds {found}", finds)
            return


def _new_blocks(step: Transition) -> Iterator[Violation]:
    wanted, ids = int(str(step.op.args["num_blocks"])), step.result
    if not is_ids(ids):
        yield Violation("", "a list of KVCacheBlock", said(ids))
        return
    if len(ids) != wanted or len(set(ids)) != wanted:
        yield Violation("I2", f"{wanted} different blocks", f"blocks {ids}")
    if 0 in ids:
        yield Violation("I5", "never the null block", f"blocks {ids}")
    if not all(0 <= key <= step.usable for key in ids):
        yield Violation("I2", f"block ids 1 ... {step.usable}", f"block ids {ids}")
    held = [key for key in ids if step.before.block(key).ref_cnt > 0]
    if held:
        yield Violation("I2", "blocks that nobody holds", f"{_names(held)} handed out again")
    yield from _references(step, dict.fromkeys(ids, 1))
    kept = [key for key in ids if step.after.block(key).label is not None]
    if kept:
        yield Violation("I10", "blocks without a hash", f"{_names(kept)} with the old hash")
    yield from _eviction(step, ids)


def _eviction(step: Transition, ids: list[int]) -> Iterator[Violation]:
    """Blocks without a hash go first, then cached ones in the order of their last freeing."""
    blocks = step.before.blocks.items()
    cached = [key for key, block in blocks if block.ref_cnt == 0 and block.label is not None]
    unhashed = step.usable - step.before.in_use - len(cached)
    evicted = set(ids) & set(cached)
    due = max(0, len(ids) - unhashed)
    if len(evicted) > due:
        expected = f"the {unhashed} free blocks without a hash go first"
        yield Violation("I6", expected, f"{_names(evicted)} evicted, which could still be hit")
        return
    oldest = sorted(cached, key=lambda key: step.freed.get(key, 0))[:due]
    if evicted != set(oldest):
        yield Violation("I7", f"{_names(oldest)} evicted", f"{_names(evicted)} evicted")


def _free(step: Transition) -> Iterator[Violation]:
    drops = Counter(key for key in step.ids if key)
    yield from _references(step, {key: -count for key, count in drops.items()})


def _touch(step: Transition) -> Iterator[Violation]:
    holds = Counter(key for key in step.ids if key)
    yield from _references(step, holds)
    for key in holds:
        if step.after.block(key).label != step.before.block(key).label:
            yield Violation("I9", f"block {key} keeps its hash", f"block {key} has lost it")


def _cache(step: Transition) -> Iterator[Violation]:
    key, label = step.ids[0], str(step.op.args["label"])
    shown = step.after.block(key).label
    if shown != label:
        yield Violation("I8", f"block {key} has hash {label}", f"block {key} has {shown}")
    yield from _references(step, {})


def _lookup(step: Transition) -> Iterator[Violation]:
    right, found = step.before.holding(str(step.op.args["label"])), step.result
    if not is_ids(found):
        yield Violation("", "a KVCacheBlock or None", said(found))
    elif set(found) - right or (right and not found):
        yield Violation("I8", f"finds {_names(right)}", f"finds {_names(found)}")
    yield from unchanged("I8", step.before, step.after)


def _reset(step: Transition) -> Iterator[Violation]:
    idle = step.before.in_use == 0
    if step.result is not idle:
        expected = f"returns {idle}: {step.before.in_use} blocks are in use"
        yield Violation("I11", expected, f"returns {step.result}")
    if not idle:
        yield from unchanged("I11", step.before, step.after)
        return
    hashed = [key for key, block in step.after.blocks.items() if block.label is not None]
    found = [label for label, key in step.after.cached.items() if key is not None]
    if hashed:
        yield Violation("I11", "no block has a hash", f"{_names(hashed)} still with a hash")
    if found:
        yield Violation("I11", "no lookup finds a block", f"{found[0]} still finds one")


def _usage(step: Transition) -> Iterator[Violation]:
    share = step.before.in_use / step.usable if step.usable else 0.0
    value = step.result
    if not isinstance(value, (int, float)) or abs(value - share) > 1e-9:
        yield Violation("I5", f"usage {share:.4g}", f"usage {value}")
    yield from unchanged("I1", step.before, step.after)


def _check(step: Transition) -> Iterator[Violation]:
    yield from unchanged("I14", step.before, step.after)


def _references(step: Transition, change: Mapping[int, int]) -> Iterator[Violation]:
    for key, block in step.after.blocks.items():
        expected = step.before.block(key).ref_cnt + change.get(key, 0)
        if block.ref_cnt != expected:
            seen = f"block {key} has ref_cnt {block.ref_cnt}"
            yield Violation("I3", f"block {key} has ref_cnt {expected}", seen)
            return


def _names(keys: Collection[int]) -> str:
    listed = ", ".join(map(str, sorted(keys)))
    return f"block {listed}" if len(keys) == 1 else f"blocks {listed}" if keys else "no block"


def _shown(block: Block) -> str:
    return f"ref_cnt {block.ref_cnt}, {'hash ' + block.label if block.label else 'no hash'}"


POSTCONDITIONS: Mapping[str, Callable[[Transition], Iterator[Violation]]] = {
    "get": _new_blocks,
    "free": _free,
    "touch": _touch,
    "cache": _cache,
    "lookup": _lookup,
    "reset": _reset,
    "usage": _usage,
    "check": _check,
}
"""By operation: what is wrong with a transition, the worst first."""
