"""Stage 2. Your own tests of the cache manager. They are graded, too (handout, task 8).

Run them with `.venv/bin/python -m pytest tests`.
"""

from __future__ import annotations

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.request import Request


def test_five_tokens_take_two_blocks_of_four() -> None:
    pool = BlockPool(num_blocks=10)
    manager = KVCacheManager(4, pool)
    assert manager.allocate_slots(Request("a", [1, 2, 3, 4, 5]), 5) is not None
    assert pool.get_num_free_blocks() == 7


# Write yours below. A small helper that takes a step as a scheduler does (call allocate_slots, and
# advance num_computed_tokens unless it was refused) makes them short. A good test
#
# - states one rule of the contract in its name, and needs a few calls to check it;
# - compares tables and counts, never block ids with numbers;
# - looks at the state after a refusal, too: None and errors change nothing;
# - tries the edges: one token before, at and behind the end of a block; the last free block; a
#   block that is shared, cached, both, or free.
