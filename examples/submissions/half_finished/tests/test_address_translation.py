"""Stage 3. Your own tests of address translation. They are graded, too (handout, task 8).

Run them with `.venv/bin/python -m pytest tests`.
"""

from __future__ import annotations

from pagedlab.address_translation import position_to_slot


def test_a_position_is_found_through_the_block_table() -> None:
    assert position_to_slot(4, [5, 2], block_size=4) == 8


# Write yours below, here or in files named test_kv_cache_layout.py and test_kv_cache_ops.py. They
# run against wrong translations, and earn points for each that they catch. A test that rejects a
# correct one does not count. A good test
#
# - states one rule of the contract in its name, and works out by hand what must come out;
# - uses tables that are shuffled, block sizes that are no powers of two, axes of different sizes,
#   and numbers that all differ, so that no two mistakes cancel out;
# - tries the edges: the first and the last position of a block, requests without tokens, padding,
#   slot 0, slots beyond 2^31, a single head;
# - looks at what must not change, too: the rest of the cache, its gaps, the arguments.
#
# Of each test ask: which bug makes it fail? If you can think of none, it catches none.
