"""The content hash over Python's own way to write a tuple, which is unambiguous."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

BlockHash = bytes


def hash_block_tokens(
    parent_block_hash: BlockHash | None,
    token_ids: Sequence[int],
    extra_keys: tuple[str, ...] = (),
) -> BlockHash:
    """Hash one block and all before it."""
    content = (parent_block_hash, tuple(token_ids), extra_keys)
    return hashlib.sha256(repr(content).encode()).digest()
