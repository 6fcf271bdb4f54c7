"""What the page draws: who holds which block, and who runs or waits."""

from __future__ import annotations

from server.engine_api import Stats
from server.engine_thread import EngineThread
from server.sequence import Sequence


def engine_state(thread: EngineThread) -> dict[str, object]:
    """Describe the engine between two steps. Called in its thread; changes nothing.

    Returns:
        Plain data. A block is listed under every request that holds it, by its id, from 1; block 0
        is the null block. Who holds blocks runs; who holds none waits, and has been preempted if
        it has tokens already or lost its blocks before. Of an engine that failed there is no more
        than what it failed with, and its last counts.
    """
    works = thread.failure is None
    cached = thread.served.cached_block_ids() if works else None
    return {
        "model": thread.served.name,
        "block_size": thread.served.block_size,
        "failure": thread.failure,
        # Not thread.stats: requests may have been aborted since the last step.
        **_counts(thread.served.engine.stats() if works else thread.stats),
        "cached_blocks": None if cached is None else sorted(cached),
        "requests": [_request(thread, job.sequence) for job in thread.jobs.values()],
    }


def _counts(stats: Stats) -> dict[str, object]:
    return {
        "num_blocks": stats.num_blocks,
        "num_free_blocks": stats.num_free_blocks,
        "num_running": stats.num_running_reqs,
        "num_waiting": stats.num_waiting_reqs,
        "num_steps": stats.num_steps,
        "num_preemptions": stats.num_preemptions,
        "num_generated_tokens": stats.num_generated_tokens,
        "prefix_cache_queries": stats.prefix_cache_queries,
        "prefix_cache_hits": stats.prefix_cache_hits,
    }


def _request(thread: EngineThread, sequence: Sequence) -> dict[str, object]:
    blocks = [int(block) for block in thread.served.engine.get_block_ids(sequence.request_id)]
    started = sequence.num_output_tokens > 0 or sequence.num_preemptions > 0
    is_preempted = started and not blocks
    return {
        "id": sequence.request_id,
        "number": sequence.number,
        "state": "running" if blocks else "preempted" if is_preempted else "waiting",
        "prompt_tokens": len(sequence.prompt),
        "cached_tokens": sequence.num_cached_tokens,
        "output_tokens": sequence.num_output_tokens,
        # The engine tells of it with the next token.
        "preemptions": sequence.num_preemptions + is_preempted,
        "blocks": blocks,
    }
