"""Stands in for stage 1 while a later stage is graded by itself. Not a solution: see block_pool."""

import hashlib
from collections.abc import Sequence

BlockHash = bytes


def hash_block_tokens(
    parent_block_hash: bytes | None, token_ids: Sequence[int], extra_keys: tuple[str, ...] = ()
) -> bytes:
    everything = repr((parent_block_hash, list(token_ids), extra_keys))
    return hashlib.sha256(everything.encode()).digest()
