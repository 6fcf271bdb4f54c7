"""What the judge believes to have seen of a cache manager, or of a table, after one operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Op
from autograder.protocol.plain import Json

ABOUT_ROWS = ("rows", "append_row", "add_row", "clear_row", "move_row", "swap_row")
UNTRUSTED = "something else than the contract's plain types"


@dataclass(frozen=True)
class Block:
    """One block as the submission shows it: its holders, and whether it carries a hash."""

    ref_cnt: int
    cached: bool


@dataclass(frozen=True)
class ManagerState:
    """A manager and its pool as the submission shows them.

    Attributes:
        free: what `get_num_free_blocks` says.
        tables: block ids of every request, by name.
        progress: `num_tokens` and `num_computed_tokens` of every request, by name.
        blocks: every block that an operation has brought to light, by id.
    """

    free: int
    tables: Mapping[str, tuple[int, ...]]
    progress: Mapping[str, tuple[int, int]]
    blocks: Mapping[int, Block]

    def table(self, name: str) -> tuple[int, ...]:
        """A request's block ids; none for a request that is not there yet."""
        return self.tables.get(name, ())

    def block(self, key: int) -> Block:
        """A block; one that no operation has brought to light has no holder and no hash."""
        return self.blocks.get(key, Block(0, False))

    def holders(self) -> Counter[int]:
        """By block: how often it stands in a table."""
        return Counter(key for table in self.tables.values() for key in table)


NOTHING = ManagerState(0, {}, {}, {})


@dataclass(frozen=True)
class TableState:
    """A batched table as the submission shows it: all entries, and how many of a row count."""

    rows: tuple[tuple[int, ...], ...]
    counts: tuple[int, ...]


def read_manager(state: Mapping[str, Json]) -> ManagerState:
    """Check an untrusted observation of a manager.

    Raises:
        Malformed: it shows values of the wrong type.
        NotWritten: a method that it needs is still a stub.
    """
    tables, progress, blocks = (state.get(key) for key in ("tables", "progress", "blocks"))
    if not isinstance(tables, dict) or not isinstance(blocks, dict):
        raise Malformed("readable tables and blocks", UNTRUSTED)
    if not isinstance(progress, dict):
        raise Malformed("readable requests", UNTRUSTED)
    free = state.get("free")
    _refuse_error("get_num_free_blocks()", free)
    if type(free) is not int:
        raise Malformed("get_num_free_blocks() is an int", said(free))
    return ManagerState(
        free=free,
        tables={name: _table(name, shown) for name, shown in tables.items()},
        progress={name: _progress(name, shown) for name, shown in progress.items()},
        blocks={_id(key): _block(key, shown) for key, shown in blocks.items()},
    )


def read_table(state: Mapping[str, Json]) -> TableState:
    """Check an untrusted observation of a batched table.

    Raises:
        Malformed: it shows values of the wrong type, or an array that has lost touch.
    """
    rows, counts = state.get("rows"), state.get("counts")
    if not isinstance(rows, list) or not all(is_ids(row) for row in rows):
        raise Malformed("get_numpy_array() is a numpy array of int32 with two axes", said(rows))
    if not is_ids(counts) or len(counts) != len(rows):
        raise Malformed("num_blocks_per_row is a numpy array of int32, one a row", said(counts))
    if state.get("first") != rows:
        expected = f"the array that get_numpy_array() gave first shows {rows}"
        raise Malformed(expected, f"it shows {said(state.get('first'))}")
    return TableState(tuple(map(tuple, rows)), tuple(counts))


def about_rows(op: Op) -> bool:
    """True for an operation of a batched table, False for one of a manager."""
    return op.name in ABOUT_ROWS


def is_ids(result: Json) -> TypeGuard[list[int]]:
    """True if an untrusted result is a list of whole numbers."""
    return isinstance(result, list) and all(type(key) is int for key in result)


def integer(op: Op, key: str) -> int:
    """An argument that is a whole number."""
    return int(str(op.args[key]))


def numbers(op: Op, key: str) -> tuple[int, ...]:
    """An argument that is a list of whole numbers."""
    values = op.args[key]
    assert is_ids(values)
    return tuple(values)


def said(value: Json) -> str:
    """A value as a student would call it: what is no plain data goes by its type's name."""
    if isinstance(value, dict) and "type" in value:
        return "None" if value["type"] == "NoneType" else f"a {value['type']}"
    return f"{value}"[:200]


def _table(name: str, shown: Json) -> tuple[int, ...]:
    _refuse_error(f"get_block_ids({name})", shown)
    if not is_ids(shown):
        raise Malformed(f"get_block_ids({name}) is a list of block ids", said(shown))
    return tuple(shown)


def _progress(name: str, shown: Json) -> tuple[int, int]:
    match shown:
        case [int(tokens), int(computed)]:
            return tokens, computed
    raise Malformed(f"readable progress of {name}", said(shown))


def _id(key: str) -> int:
    try:
        return int(key)
    except ValueError:
        raise Malformed("blocks by their id", UNTRUSTED) from None


def _block(key: str, shown: Json) -> Block:
    match shown:
        case [int(ref_cnt), bool(cached)] if type(ref_cnt) is int:
            return Block(ref_cnt, cached)
    _refuse_error(f"block {key}", shown)
    raise Malformed(f"ref_cnt of block {key} is an int", said(shown))


def _refuse_error(what: str, shown: Json) -> None:
    if isinstance(shown, dict) and "error" in shown:
        if shown["error"] == "NotImplementedError":
            raise NotWritten
        raise Malformed("state that can be read", f"{what} raised {shown['error']}")
