"""The content hash over fixed-width words, each part with its length in front."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

BlockHash = bytes


def hash_block_tokens(
    parent_block_hash: BlockHash | None,
    token_ids: Sequence[int],
    extra_keys: tuple[str, ...] = (),
) -> BlockHash:
    """Hash one block and all before it."""
    parts = [b"" if parent_block_hash is None else parent_block_hash]
    parts.append(struct.pack(f">{len(token_ids)}Q", *token_ids))
    parts.extend(key.encode("utf-8") for key in extra_keys)
    message = b"".join(struct.pack(">Q", len(part)) + part for part in parts)
    return hashlib.sha512(message).digest()[:20]
