"""The operations of stage 1 and how a student reads them.

Blocks are named by the list that brought them: "a[0]" is the first block of `a`. Two names are
built in: "null" is `pool.null_block`, "stranger" a block that is not of the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from autograder.program.model import Op
from autograder.protocol.plain import Json

IMPORTS = (
    "from pagedlab.block_hash import hash_block_tokens",
    "from pagedlab.block_pool import BlockPool",
    "from pagedlab.kv_cache_utils import KVCacheBlock",
)
METHODS = {
    "new": "BlockPool.__init__",
    "get": "BlockPool.get_new_blocks",
    "free": "BlockPool.free_blocks",
    "touch": "BlockPool.touch",
    "cache": "BlockPool.cache_full_block",
    "lookup": "BlockPool.get_cached_block",
    "reset": "BlockPool.reset_prefix_cache",
    "usage": "BlockPool.get_usage",
    "check": "BlockPool.check_integrity",
    "tamper": "BlockPool.check_integrity",
    "hash": "hash_block_tokens",
}
"""The function of the submission that each operation exercises."""


def new(num_blocks: int) -> Op:
    """Make the pool. The first operation of every program about the pool."""
    return Op("new", {"num_blocks": num_blocks})


def get(name: str, num_blocks: int) -> Op:
    """Allocate, and call the list of blocks `name`."""
    return Op("get", {"num_blocks": num_blocks}, binds=name)


def free(*blocks: str) -> Op:
    """Give blocks back, in this order."""
    return Op("free", {"blocks": list(blocks)})


def free_reversed(*blocks: str) -> Op:
    """Give blocks back last to first, through an iterator that can be walked once."""
    return Op("free", {"blocks": list(reversed(blocks)), "iterator": True})


def touch(*blocks: str) -> Op:
    """Hold blocks once more."""
    return Op("touch", {"blocks": list(blocks)})


def cache(block: str, label: str) -> Op:
    """Cache a full block under the hash `label`."""
    return Op("cache", {"block": block, "label": label})


def lookup(name: str, label: str) -> Op:
    """Look a hash up; `name` becomes a list with the block found, or an empty list."""
    return Op("lookup", {"label": label}, binds=name)


def reset() -> Op:
    """Reset the prefix cache."""
    return Op("reset")


def usage() -> Op:
    """Ask for the share of blocks in use."""
    return Op("usage")


def check() -> Op:
    """Let the pool check itself."""
    return Op("check")


def tamper(block: str, field: str, value: int | str | None) -> Op:
    """Overwrite a field of a block behind the pool's back; a string is a hash label."""
    return Op("tamper", {"block": block, "field": field, "value": value})


def hash_tokens(name: str, parent: str, tokens: list[int], *extra_keys: str) -> Op:
    """Hash a block after the block hash called `parent` ("" for the first block)."""
    args = {"parent": parent, "tokens": list(tokens), "extra_keys": list(extra_keys)}
    return Op("hash", args, binds=name)


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](op.binds, **op.args)


def simpler(op: Op) -> Iterator[Op]:
    """Simpler forms of one operation, simplest first, for the shrinker."""
    if op.name in ("get", "new"):
        size = int(str(op.args["num_blocks"]))
        for smaller in sorted({0, 1, 2, size // 2, size - 1}):
            if 0 <= smaller < size:
                yield Op(op.name, {"num_blocks": smaller}, op.binds)
    elif op.name in ("free", "touch"):
        blocks = list(op.args["blocks"])  # type: ignore[arg-type]
        for index in range(len(blocks)):
            yield Op(op.name, {**op.args, "blocks": blocks[:index] + blocks[index + 1 :]})


def references(op: Op) -> Iterator[str]:
    """What an operation names of earlier results: blocks as "a[0]", a parent's hash by name."""
    blocks = op.args.get("blocks", [])
    assert isinstance(blocks, list)
    for reference in (*blocks, op.args.get("block"), op.args.get("parent")):
        if reference and reference not in ("null", "stranger"):
            yield str(reference)


def show_state(state: Mapping[str, Json]) -> list[str]:
    """An untrusted state in short phrases: "free 1", "block 1: ref_cnt 0, no hash"."""
    phrases = []
    for key, value in state.items():
        if isinstance(value, dict) and key == "blocks":
            phrases += [
                f"block {name}: {_fields(shown)}" for name, shown in value.items() if name != "0"
            ]
        elif isinstance(value, dict) and "error" in value:
            phrases.append(f"{key} unreadable")
        elif isinstance(value, dict):
            phrases += [f"{name} finds {_found(block)}" for name, block in value.items()]
        elif not isinstance(value, list):
            phrases.append(f"{key} {value}")
    return phrases


def _fields(shown: Json) -> str:
    if isinstance(shown, list) and len(shown) == 4:
        label = f"hash {shown[2]}" if shown[2] else "no hash"
        return f"ref_cnt {shown[1]}, {label}"
    return "unreadable"


def _found(block: Json) -> str:
    return "nothing" if block is None else f"block {block}" if isinstance(block, int) else "?"


def _block(reference: str) -> str:
    builtin = {"null": "pool.null_block", "stranger": "KVCacheBlock(block_id=1, ref_cnt=1)"}
    return builtin.get(reference, reference)


def _list(references: list[str]) -> str:
    return "[" + ", ".join(map(_block, references)) + "]"


def _free(name: str, blocks: list[str], iterator: bool = False) -> str:
    listed = f"reversed({_list(blocks[::-1])})" if iterator else _list(blocks)
    return f"pool.free_blocks({listed})"


def _tamper(name: str, block: str, field: str, value: int | str | None) -> str:
    return f"{_block(block)}.{field} = {value.encode() if isinstance(value, str) else value!r}"


def _hash(name: str, parent: str, tokens: list[int], extra_keys: list[str]) -> str:
    extra = f", {tuple(extra_keys)}" if extra_keys else ""
    return f"{name} = hash_block_tokens({parent or None}, {tokens}{extra})"


def _cache(name: str, block: str, label: str) -> str:
    return f"pool.cache_full_block({_block(block)}, {label.encode()!r})"


TEXTS: Mapping[str, Callable[..., str]] = {
    "new": lambda name, num_blocks: f"pool = BlockPool(num_blocks={num_blocks})",
    "get": lambda name, num_blocks: f"{name} = pool.get_new_blocks({num_blocks})",
    "free": _free,
    "touch": lambda name, blocks: f"pool.touch({_list(blocks)})",
    "cache": _cache,
    "lookup": lambda name, label: f"{name} = [pool.get_cached_block({label.encode()!r})]",
    "reset": lambda name: "pool.reset_prefix_cache()",
    "usage": lambda name: "pool.get_usage()",
    "check": lambda name: "pool.check_integrity()",
    "tamper": _tamper,
    "hash": _hash,
}
"""By operation: the statement, from the name that it binds and its arguments."""
