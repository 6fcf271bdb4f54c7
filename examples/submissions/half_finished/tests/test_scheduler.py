"""Stage 5. Your own tests of the scheduler. They are graded, too (handout, task 10).

Run them with `.venv/bin/python -m pytest tests`. Tests of the other modules go to files of their
own: `test_policies.py`, `test_queueing.py`.
"""

from __future__ import annotations

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager
from pagedlab.policies import FCFSPolicy
from pagedlab.request import Request
from pagedlab.sched_output import SchedulerConfig
from pagedlab.scheduler import Scheduler


def test_a_prompt_is_cut_to_the_budget() -> None:
    manager = KVCacheManager(4, BlockPool(num_blocks=20))
    scheduler = Scheduler(SchedulerConfig(8, 2), manager, FCFSPolicy())
    scheduler.add_request(Request("a", list(range(20))))
    assert scheduler.schedule().num_scheduled_tokens == {"a": 8}


# Write yours below. A small helper that runs a step (schedule, answer for every scheduled request,
# update_from_output) makes them short. A good test
#
# - states one rule of the contract in its name, and needs a few steps to check it;
# - looks at statuses, counts, tokens and plans, never at block ids or at how a budget is split;
# - makes memory tight: a pool of four blocks and two requests show most bugs of preemption;
# - tries the edges: a prompt that just fills the budget, a request that just fits the pool, an end
#   on the first token, an abort between a plan and its answer.
