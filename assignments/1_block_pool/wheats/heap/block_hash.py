"""The content hash over JSON, which keeps every boundary."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

BlockHash = bytes


def hash_block_tokens(
    parent_block_hash: BlockHash | None,
    token_ids: Sequence[int],
    extra_keys: tuple[str, ...] = (),
) -> BlockHash:
    """Hash one block and all before it."""
    parent = None if parent_block_hash is None else parent_block_hash.hex()
    content = json.dumps([parent, list(token_ids), list(extra_keys)])
    return hashlib.blake2b(content.encode()).digest()
