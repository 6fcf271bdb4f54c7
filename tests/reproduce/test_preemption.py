"""Swapping and recomputing: what each costs, and what neither changes."""

from __future__ import annotations

import pytest

import reproduce  # noqa: F401  makes the reference importable
from reproduce.backlogs import SHAREGPT
from reproduce.machine import KV_BYTES
from reproduce.scheduling.bench import AMPLE, Setup, serve
from reproduce.scheduling.cost import A100_13B, LAYERS_13B, PCIE_3, PCIE_4, PCIE_5, with_link
from reproduce.scheduling.jobs import backlog
from reproduce.scheduling.log import figures
from reproduce.scheduling.swapping import crossing, recompute_seconds, swap_seconds


def swap(tokens: int, block_size: int, link: object = PCIE_4) -> float:
    return swap_seconds(tokens, block_size, link, KV_BYTES, LAYERS_13B)  # type: ignore[arg-type]


def test_larger_blocks_and_faster_links_make_swapping_cheaper() -> None:
    by_size = [swap(1024, size) for size in (1, 4, 16, 64, 256)]
    by_link = [swap(1024, 16, link) for link in (PCIE_3, PCIE_4, PCIE_5)]
    assert by_size == sorted(by_size, reverse=True) and by_link == sorted(by_link, reverse=True)


def test_swapping_moves_whole_blocks() -> None:
    assert swap(17, 16) == swap(32, 16) == 2 * swap(16, 16)


@pytest.mark.parametrize("blocks", [1, 7])
def test_at_the_crossing_both_cost_the_same_whatever_the_length(blocks: int) -> None:
    size = crossing(A100_13B, PCIE_4, KV_BYTES, LAYERS_13B)
    assert 1 < size < 256
    each = PCIE_4.block_seconds(1, KV_BYTES, LAYERS_13B) - 80 * PCIE_4.launch
    swapped = 2 * blocks * (80 * PCIE_4.launch + size * each)
    assert swapped == pytest.approx(recompute_seconds(1, A100_13B) * blocks * size)


def test_a_link_slower_than_computing_is_never_worth_it() -> None:
    assert crossing(A100_13B, PCIE_3, 10 * KV_BYTES, LAYERS_13B) == float("inf")


def test_swapping_computes_every_token_once_and_recomputing_some_again() -> None:
    jobs = backlog(SHAREGPT, 30, 0)
    needed = sum(job.num_tokens - 1 for job in jobs)
    cost = with_link(A100_13B, PCIE_4, 16)
    tight = {mode: figures(serve(jobs, Setup(cost, 4000, mode=mode))) for mode in MODES}  # type: ignore[arg-type]
    assert all(one["preemptions"] > 5 for one in tight.values())
    assert tight["swap"]["computed_tokens"] == needed < tight["recompute"]["computed_tokens"]
    assert tight["swap"]["swapped_blocks"] > 0 == tight["recompute"]["swapped_blocks"]
    assert tight["swap"]["output_tokens"] == tight["recompute"]["output_tokens"]


def test_without_preemption_they_are_the_same() -> None:
    jobs = backlog(SHAREGPT, 10, 0)
    cost = with_link(A100_13B, PCIE_4, 16)
    one, other = (serve(jobs, Setup(cost, AMPLE, mode=mode)) for mode in MODES)  # type: ignore[arg-type]
    assert one.token_times == other.token_times


MODES = ("recompute", "swap")
