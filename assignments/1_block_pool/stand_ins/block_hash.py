"""Stands in for stage 1 while a later stage is graded by itself. Not a solution: see block_pool."""

import hashlib

BlockHash = bytes


def hash_block_tokens(parent_block_hash, token_ids, extra_keys=()):
    everything = repr((parent_block_hash, list(token_ids), tuple(extra_keys)))
    return hashlib.sha256(everything.encode()).digest()
