"""What the judge believes to have seen of a pool after one operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten
from autograder.protocol.plain import Json

UNTRUSTED = "something else than the contract's plain types"


@dataclass(frozen=True)
class Block:
    """One block as the submission shows it; `label` names its hash, None if it has none."""

    ref_cnt: int
    label: str | None


@dataclass(frozen=True)
class PoolState:
    """A pool as the submission shows it.

    Attributes:
        free: what `get_num_free_blocks` says.
        blocks: every block that an operation has brought to light, by id; never the null block.
        cached: for every label of the program, the id that a lookup finds, or None.
    """

    free: int
    blocks: Mapping[int, Block]
    cached: Mapping[str, int | None]

    @property
    def in_use(self) -> int:
        """Number of blocks with a holder."""
        return sum(block.ref_cnt > 0 for block in self.blocks.values())

    def block(self, key: int) -> Block:
        """A block; one that no operation has brought to light has no holder and no hash."""
        return self.blocks.get(key, Block(0, None))

    def holding(self, label: str) -> set[int]:
        """Ids of the blocks that show this hash."""
        return {key for key, block in self.blocks.items() if block.label == label}


def read_state(state: Mapping[str, Json]) -> PoolState:
    """Check an untrusted observation of the pool.

    Raises:
        Malformed: it shows values of the wrong type.
        NotWritten: a method that it needs is still a stub.
    """
    null = state.get("null")
    if not (isinstance(null, list) and len(null) == 4 and null[0] == 0 and null[3] is True):
        _refuse_error("null_block", null)
        raise Malformed("null_block: block_id 0, is_null True", f"null_block: {_said(null)}")
    blocks = state.get("blocks")
    cached = state.get("cached")
    if not isinstance(blocks, dict) or not isinstance(cached, dict):
        raise Malformed("readable blocks", UNTRUSTED)
    return PoolState(
        free=_integer("get_num_free_blocks()", state.get("free")),
        blocks={_id(key): _block(key, shown) for key, shown in blocks.items() if key != "0"},
        cached={label: _found(label, shown) for label, shown in cached.items()},
    )


def is_ids(result: Json) -> TypeGuard[list[int]]:
    """True if an untrusted result is a list of block ids."""
    return isinstance(result, list) and all(type(key) is int for key in result)


def _id(key: str) -> int:
    try:
        return int(key)
    except ValueError:
        raise Malformed("blocks by their id", UNTRUSTED) from None


def _block(key: str, shown: Json) -> Block:
    match shown:
        case [_, int(ref_cnt), None | str() as label, _] if type(ref_cnt) is int:
            return Block(ref_cnt, label)
    _refuse_error(f"block {key}", shown)
    raise Malformed(
        "ref_cnt is an int, block_hash is bytes or None", f"block {key}: {_said(shown)}"
    )


def _found(label: str, shown: Json) -> int | None:
    _refuse_error("get_cached_block()", shown)
    return None if shown is None else _integer(f"the block found under {label}", shown)


def _integer(what: str, shown: Json) -> int:
    _refuse_error(what, shown)
    if type(shown) is not int:
        raise Malformed(f"{what} is an int", f"{what} is {said(shown)}")
    return shown


def said(value: Json) -> str:
    """A value as a student would call it: what is no plain data goes by its type's name."""
    if isinstance(value, dict) and "type" in value:
        return "None" if value["type"] == "NoneType" else f"a {value['type']}"
    return f"{value}"


def _said(block: Json) -> str:
    if not isinstance(block, list) or len(block) != 4:
        return said(block)
    names = ("block_id", "ref_cnt", "block_hash", "is_null")
    return ", ".join(f"{name} {said(value)}" for name, value in zip(names, block, strict=True))


def _refuse_error(what: str, shown: Json) -> None:
    if isinstance(shown, dict) and "error" in shown:
        if shown["error"] == "NotImplementedError":
            raise NotWritten
        raise Malformed("state that can be read", f"{what} raised {shown['error']}")
