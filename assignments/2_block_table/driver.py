"""Runs stage 2's operations on a submission. Works in the worker; what it reports is a claim.

Everything that a student's code returns is turned into plain data by exact type.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain

ERRORS = ("OutOfBlocks", "DoubleFree", "UnknownBlock", "ValueError", "IndexError")


class Driver:
    """One program, about a manager or about a table; which, its first operation says."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules = modules
        self._kind: _Manager | _Rows | None = None

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; only `new` and `rows` can be run first."""
        if name == "new":
            self._kind = _Manager(self._modules["kv_cache_manager"], **args)
            return None
        if name == "rows":
            self._kind = _Rows(self._modules["block_table"], **args)
            return None
        if self._kind is None:
            raise Undefined(name)
        return getattr(self._kind, name)(binds, **args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """All that the contract lets one see of the manager or of the table."""
        return {} if self._kind is None else self._kind.observe()


class _Manager:
    """A pool, its manager, the requests and lookups by name, and every block ever seen."""

    def __init__(self, module: ModuleType, num_blocks: int, block_size: int, caching: bool) -> None:
        from pagedlab.block_pool import BlockPool
        from pagedlab.request import Request

        self._make_request = Request
        self._pool: Any = BlockPool(num_blocks)
        self._manager: Any = module.KVCacheManager(block_size, self._pool, caching)
        self._requests: dict[str, Any] = {}
        self._hits: dict[str, Any] = {}
        self._blocks: dict[int, Any] = {}

    def observe(self) -> Mapping[str, Json]:
        """Free count, table and progress of every request, holders and hash of the blocks seen."""
        requests = self._requests.items()
        return {
            "free": _guarded(lambda: plain(self._pool.get_num_free_blocks())),
            "tables": {name: _guarded(self._table, one) for name, one in requests},
            "progress": {name: _guarded(_progress, one) for name, one in requests},
            "blocks": {str(key): _guarded(_block, one) for key, one in self._blocks.items()},
        }

    def request(self, binds: str, tokens: list[int], extra_keys: list[str]) -> Json:
        made = self._make_request(binds, list(tokens), 0, tuple(extra_keys))
        self._requests[binds] = made
        return binds

    def lookup(self, binds: str, request: str) -> Json:
        found = self._manager.get_computed_blocks(self._request(request))
        if type(found) is not tuple or len(found) != 2:
            return {"type": type(found).__name__}
        ids, held = self._ids(found[0]), plain(found[1])
        self._hits.pop(binds, None)
        if isinstance(ids, list) and type(held) is int:
            self._hits[binds] = found
        return [ids, held]

    def step(self, binds: str, request: str, num_tokens: int, hit: str, reserved: int) -> Json:
        one = self._request(request)
        if hit and hit not in self._hits:
            raise Undefined(hit)
        blocks, held = self._hits[hit] if hit else ((), 0)
        given = self._manager.allocate_slots(one, num_tokens, blocks, reserved)
        if given is None:
            return None
        shown: dict[str, Json] = {"new": self._ids(given.new_blocks), "copies": plain(given.copies)}
        one.num_computed_tokens += held + num_tokens
        return shown

    def generate(self, binds: str, request: str, tokens: list[int]) -> Json:
        self._request(request).append_output_token_ids(tokens)
        return None

    def fork(self, binds: str, parent: str) -> Json:
        one = self._request(parent)
        child = one.fork(binds)
        returned = self._manager.fork(one, child)
        self._requests[binds] = child
        return binds if returned is None else plain(returned)

    def fork_onto(self, binds: str, parent: str, request: str) -> Json:
        return plain(self._manager.fork(self._request(parent), self._request(request)))

    def truncate(self, binds: str, request: str, num_tokens: int) -> Json:
        one = self._request(request)
        returned = plain(self._manager.truncate(one, num_tokens))
        del one.token_ids[num_tokens:]
        one.num_computed_tokens = num_tokens
        return returned

    def free(self, binds: str, request: str) -> Json:
        one = self._request(request)
        returned = plain(self._manager.free(one))
        one.num_computed_tokens = 0
        return returned

    def _request(self, name: str) -> Any:
        if name not in self._requests:
            raise Undefined(name)
        return self._requests[name]

    def _table(self, request: Any) -> Json:
        return plain(self._manager.get_block_ids(request))

    def _ids(self, blocks: Any) -> Json:
        if type(blocks) not in (list, tuple):
            return {"type": type(blocks).__name__}
        strange = [block for block in blocks if not hasattr(block, "block_id")]
        if strange:
            return {"type": f"list of {type(strange[0]).__name__}"}
        ids = [plain(block.block_id) for block in blocks]
        for key, block in zip(ids, blocks, strict=True):
            if type(key) is int:
                self._blocks[key] = block
        return ids


class _Rows:
    """A batched table, and the array that it gave when it was new."""

    def __init__(self, module: ModuleType, reqs: int, blocks: int) -> None:
        self._table: Any = module.BlockTable(reqs, blocks)
        self._first: Any = self._table.get_numpy_array()

    def observe(self) -> Mapping[str, Json]:
        """Rows and counts as lists, and whether the first array still shows the table."""
        table = self._table.get_numpy_array()
        return {
            "rows": _array(table),
            "first": _array(self._first),
            "counts": _array(self._table.num_blocks_per_row),
        }

    def append_row(self, binds: str, block_ids: list[int], row: int) -> Json:
        return plain(self._table.append_row(block_ids, row))

    def add_row(self, binds: str, block_ids: list[int], row: int) -> Json:
        return plain(self._table.add_row(block_ids, row))

    def clear_row(self, binds: str, row: int) -> Json:
        return plain(self._table.clear_row(row))

    def move_row(self, binds: str, src: int, tgt: int) -> Json:
        return plain(self._table.move_row(src, tgt))

    def swap_row(self, binds: str, src: int, tgt: int) -> Json:
        return plain(self._table.swap_row(src, tgt))


def _array(array: Any) -> Json:
    """A numpy array of int32 as a list, any other thing by its type."""
    kind = type(array).__name__
    if kind != "ndarray" or str(array.dtype) != "int32":
        return {"type": f"{kind} of {getattr(array, 'dtype', 'no dtype')}"[:80]}
    return plain(array.tolist())


def _progress(request: Any) -> Json:
    return [plain(request.num_tokens), plain(request.num_computed_tokens)]


def _block(block: Any) -> Json:
    return [plain(block.ref_cnt), block.block_hash is not None]


def _guarded(read: Any, *args: Any) -> Json:
    """A reading, or the error that it raised: one broken method must not blind all rules."""
    try:
        return read(*args)  # type: ignore[no-any-return]
    except Exception as error:
        return {"error": type(error).__name__}
