"""Stage 6. Your own tests of memories, tracker and formulas. They are graded (handout, task 8).

Run them with `.venv/bin/python -m pytest tests`.
"""

from __future__ import annotations

from pagedlab.memory_tracking import MemoryTracker


def test_a_new_tracker_has_no_block_in_use() -> None:
    assert MemoryTracker(num_blocks=10, block_size=4).usage().num_used_blocks == 0


# Write yours below. They run against wrong code, and earn points for each that they catch. A
# test that rejects correct code does not count. A good test
#
# - states one rule of the contract in its name, and needs a few calls to check it;
# - relies on the contract alone: how a tracker keeps its sums, the order of a leak report and the
#   texts of errors are each student's own choice;
# - looks at the state after an error, too (`pytest.raises`, and the types in `pagedlab.errors`);
# - tries the edges: a shared block that one of two gives back, a null block in a list, a window
#   that begins in the middle of a block, a hole that is one slot too small, no time between events
#
# Tests of other modules go to files named for them, such as `tests/test_capacity.py`. Of each
# test ask: which bug makes it fail? If you can think of none, it catches none.
