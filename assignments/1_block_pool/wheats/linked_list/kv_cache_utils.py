"""The block, and a ring of nodes in which blocks stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pagedlab.block_hash import BlockHash


@dataclass(slots=True, eq=False)
class KVCacheBlock:
    """One physical block; while it is free, `node` is where it stands."""

    block_id: int
    ref_cnt: int = 0
    block_hash: BlockHash | None = None
    is_null: bool = False
    node: Node | None = None


class Node:
    """A place in a ring, alone at first."""

    __slots__ = ("block", "left", "right")

    def __init__(self, block: KVCacheBlock | None = None) -> None:
        self.block = block
        self.left = self
        self.right = self


class Ring:
    """Blocks in a row, closed to a ring by an empty node. Every method is O(1) but the walk."""

    def __init__(self) -> None:
        self._end = Node()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[KVCacheBlock]:
        node = self._end.right
        while node.block is not None:
            yield node.block
            node = node.right

    def push(self, block: KVCacheBlock) -> None:
        """Put a block at the end."""
        node = Node(block)
        node.left, node.right = self._end.left, self._end
        node.left.right = node.right.left = node
        block.node = node
        self._length += 1

    def shift(self) -> KVCacheBlock:
        """Take the first block; the ring must not be empty."""
        block = self._end.right.block
        assert block is not None
        self.drop(block)
        return block

    def drop(self, block: KVCacheBlock) -> None:
        """Take a block of this ring out of it."""
        assert block.node is not None
        block.node.left.right = block.node.right
        block.node.right.left = block.node.left
        block.node = None
        self._length -= 1
