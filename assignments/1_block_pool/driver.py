"""Runs stage 1's operations on a submission. Works in the worker; what it reports is a claim.

Everything that a student's code returns is turned into plain data by exact type.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

ERRORS = ("OutOfBlocks", "DoubleFree", "UnknownBlock", "IntegrityError", "ValueError")


class Driver:
    """One program: a pool, the lists of blocks by name, and every block ever seen by id."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._pool: Any = None
        self._lists: dict[str, list[Any]] = {}
        self._blocks: dict[int, Any] = {}
        self._labels: list[str] = []
        self._hashes: dict[str, bytes] = {}

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; without a pool, only `new` and `hash` can be run."""
        if self._pool is None and name not in ("new", "hash"):
            raise Undefined("pool")
        return getattr(self, f"_{name}")(binds, **args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """Free count, null block, the blocks seen so far, and the lookups of all labels."""
        if self._pool is None:
            return {}
        return {
            "free": _guarded(lambda: plain(self._pool.get_num_free_blocks())),
            "null": _guarded(lambda: _seen(self._pool.null_block)),
            "blocks": {str(key): _guarded(_seen, block) for key, block in self._blocks.items()},
            "cached": {label: _guarded(self._find, label) for label in self._labels},
        }

    def _new(self, binds: str, num_blocks: int) -> Json:
        self._pool = self._modules["block_pool"].BlockPool(num_blocks)
        return None

    def _get(self, binds: str, num_blocks: int) -> Json:
        return self._bind(binds, self._pool.get_new_blocks(num_blocks))

    def _free(self, binds: str, blocks: list[str], iterator: bool = False) -> Json:
        given = [self._block(block) for block in blocks]
        return plain(self._pool.free_blocks(iter(given) if iterator else given))

    def _touch(self, binds: str, blocks: list[str]) -> Json:
        return plain(self._pool.touch([self._block(block) for block in blocks]))

    def _cache(self, binds: str, block: str, label: str) -> Json:
        target = self._block(block)
        if label not in self._labels:
            self._labels.append(label)
        return plain(self._pool.cache_full_block(target, label.encode()))

    def _lookup(self, binds: str, label: str) -> Json:
        if label not in self._labels:
            self._labels.append(label)
        found = self._pool.get_cached_block(label.encode())
        return self._bind(binds, [] if found is None else [found])

    def _reset(self, binds: str) -> Json:
        return plain(self._pool.reset_prefix_cache())

    def _usage(self, binds: str) -> Json:
        return plain(self._pool.get_usage())

    def _check(self, binds: str) -> Json:
        return plain(self._pool.check_integrity())

    def _tamper(self, binds: str, block: str, field: str, value: int | str | None) -> Json:
        setattr(self._block(block), field, value.encode() if isinstance(value, str) else value)
        return None

    def _hash(self, binds: str, parent: str, tokens: list[int], extra_keys: list[str]) -> Json:
        if parent and parent not in self._hashes:
            raise Undefined(parent)
        function = self._modules["block_hash"].hash_block_tokens
        digest = function(self._hashes.get(parent), tokens, tuple(extra_keys))
        if type(digest) is not bytes:
            return {"type": type(digest).__name__}
        self._hashes[binds] = digest
        return digest.hex()

    def _block(self, reference: str) -> Any:
        if reference == "null":
            return self._pool.null_block
        if reference == "stranger":
            return self._modules["kv_cache_utils"].KVCacheBlock(block_id=1, ref_cnt=1)
        name, _, index = reference.rstrip("]").partition("[")
        try:
            return self._lists[name][int(index)]
        except (KeyError, IndexError):
            raise Undefined(reference) from None

    def _bind(self, name: str, blocks: Any) -> Json:
        if type(blocks) not in (list, tuple):
            return {"type": type(blocks).__name__}
        strange = [block for block in blocks if not hasattr(block, "block_id")]
        if strange:
            return {"type": f"list of {type(strange[0]).__name__}"}
        ids = [plain(block.block_id) for block in blocks]
        self._lists[name] = list(blocks)
        for key, block in zip(ids, blocks, strict=True):
            if type(key) is int:
                self._blocks[key] = block
        return ids

    def _find(self, label: str) -> Json:
        found = self._pool.get_cached_block(label.encode())
        return None if found is None else plain(found.block_id)


def _seen(block: Any) -> Json:
    key = block.block_hash
    label = plain(key.decode("latin-1")) if type(key) is bytes else plain(key)
    return [plain(block.block_id), plain(block.ref_cnt), label, plain(block.is_null)]


def _guarded(read: Any, *args: Any) -> Json:
    """A reading, or the error that it raised: one broken method must not blind all rules."""
    try:
        return read(*args)  # type: ignore[no-any-return]
    except Exception as error:
        return {"error": type(error).__name__}
