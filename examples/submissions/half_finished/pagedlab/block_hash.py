"""Stage 1. Content hashes: what a full block holds, given everything that stands before it.

Read next in vLLM: `hash_block_tokens` in `vllm/v1/core/kv_cache_utils.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

BlockHash = bytes
"""Content hash of a full block and of everything before it. Opaque to the pool."""


def hash_block_tokens(
    parent_block_hash: BlockHash | None,
    token_ids: Sequence[int],
    extra_keys: tuple[str, ...] = (),
) -> BlockHash:
    """Hash one full block together with all that stands before it.

    Two hashes are equal exactly when the whole prefixes and the extra keys are equal, in every
    process and on every machine. One step of a chain: vLLM's `hash_block_tokens`.

    Args:
        parent_block_hash: hash of the block before this one, None for the first block.
        token_ids: the block's tokens, each 0 <= id < 2**63, as many as a block has slots.
        extra_keys: what else the KV depends on, such as an adapter's name or a cache salt.

    Returns:
        A digest of the parent's hash, the tokens and the extra keys.
    """
    # str() of a list keeps the commas, so [1, 23] and [12, 3] are different
    content = str(parent_block_hash) + "|" + str(list(token_ids)) + "|" + str(extra_keys)
    return hashlib.sha256(content.encode()).digest()
