"""The operations of stage 2; wording.py says how a student reads them.

A program is about a cache manager or about a batched table. The first kind begins with `new`, and
calls requests by name; the second begins with `rows`, and calls rows by index. What a lookup found
is called `h`, say: `h[0]` are its blocks, `h[1]` the tokens that they hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from stage2.wording import show_state, to_python

from autograder.program.model import Op, Program

__all__ = ["IMPORTS", "METHODS", "references", "show_state", "simpler", "to_python"]

IMPORTS = (
    "from pagedlab.block_pool import BlockPool",
    "from pagedlab.block_table import BlockTable",
    "from pagedlab.kv_cache_manager import KVCacheManager",
    "from pagedlab.request import Request",
)
METHODS = {
    "new": "KVCacheManager.__init__",
    "lookup": "KVCacheManager.get_computed_blocks",
    "step": "KVCacheManager.allocate_slots",
    "fork": "KVCacheManager.fork",
    "truncate": "KVCacheManager.truncate",
    "free": "KVCacheManager.free",
    "rows": "BlockTable.__init__",
    "append_row": "BlockTable.append_row",
    "add_row": "BlockTable.add_row",
    "clear_row": "BlockTable.clear_row",
    "move_row": "BlockTable.move_row",
    "swap_row": "BlockTable.swap_row",
}
"""The function of the submission that each operation exercises."""


def new(num_blocks: int, block_size: int, caching: bool = True) -> Op:
    """Make a pool and a manager of its blocks."""
    args = {"num_blocks": num_blocks, "block_size": block_size, "caching": caching}
    return Op("new", args)


def request(name: str, tokens: list[int], *extra_keys: str) -> Op:
    """A request with a prompt; the manager does not hear of it yet."""
    return Op("request", {"tokens": list(tokens), "extra_keys": list(extra_keys)}, binds=name)


def lookup(name: str, request: str) -> Op:
    """Look a request's prefix up, and call what is found `name`."""
    return Op("lookup", {"request": request}, binds=name)


def step(request: str, num_tokens: int, hit: str = "", reserved: int = 0) -> Op:
    """Schedule a step of a request; `hit` names the lookup whose blocks it begins with.

    If it was not refused, the request's computed tokens advance, as in a scheduler.
    """
    args = {"request": request, "num_tokens": num_tokens, "hit": hit, "reserved": reserved}
    return Op("step", args)


def generate(request: str, *tokens: int) -> Op:
    """Append generated tokens to a request."""
    return Op("generate", {"request": request, "tokens": list(tokens)})


def fork(name: str, parent: str) -> Op:
    """A child with the parent's past, which the manager lets share the parent's blocks."""
    return Op("fork", {"parent": parent}, binds=name)


def fork_onto(child: str, parent: str) -> Op:
    """Fork onto a request that is there already."""
    return Op("fork_onto", {"parent": parent, "request": child})


def truncate(request: str, num_tokens: int) -> Op:
    """Take all tokens but the first ones back, from the manager and from the request."""
    return Op("truncate", {"request": request, "num_tokens": num_tokens})


def free(request: str) -> Op:
    """Give a request's blocks back; it may come again, with nothing computed."""
    return Op("free", {"request": request})


def rows(max_num_reqs: int, max_num_blocks_per_req: int) -> Op:
    """Make a batched table. The first operation of every program about rows."""
    return Op("rows", {"reqs": max_num_reqs, "blocks": max_num_blocks_per_req})


def append_row(row: int, *block_ids: int) -> Op:
    """Append block ids to a row."""
    return Op("append_row", {"block_ids": list(block_ids), "row": row})


def add_row(row: int, *block_ids: int) -> Op:
    """Replace a row."""
    return Op("add_row", {"block_ids": list(block_ids), "row": row})


def clear_row(row: int) -> Op:
    """Empty a row."""
    return Op("clear_row", {"row": row})


def move_row(src: int, tgt: int) -> Op:
    """Move a row over another."""
    return Op("move_row", {"src": src, "tgt": tgt})


def swap_row(src: int, tgt: int) -> Op:
    """Exchange two rows."""
    return Op("swap_row", {"src": src, "tgt": tgt})


def whole(*ops: Op) -> Program:
    """The program, and at its end every request gives its blocks back: then all must be free."""
    names = [op.binds for op in ops if op.name in ("request", "fork")]
    return (*ops, *map(free, names))


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker."""
    for key, least in (("num_blocks", 1), ("num_tokens", 0), ("reserved", 0)):
        size = op.args.get(key)
        if isinstance(size, int):
            for smaller in sorted({least, 1, 2, size // 2, size - 1}):
                if least <= smaller < size:
                    yield Op(op.name, {**op.args, key: smaller}, op.binds)
    for key in ("tokens", "block_ids"):
        items = op.args.get(key)
        if isinstance(items, list) and items:
            for length in sorted({len(items) // 2, len(items) - 1}):
                yield Op(op.name, {**op.args, key: items[:length]}, op.binds)


def references(op: Op) -> Iterator[str]:
    """What an operation names of earlier results: requests by name, a lookup's blocks as "h[0]"."""
    for key in ("request", "parent"):
        if op.args.get(key):
            yield str(op.args[key])
    if op.args.get("hit"):
        yield f"{op.args['hit']}[0]"
