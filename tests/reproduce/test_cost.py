"""What a step costs, and constants fitted to measurements."""

from __future__ import annotations

from pathlib import Path

import pytest

import reproduce  # noqa: F401  makes the reference importable
from pagedlab.sched_output import SchedulerOutput
from reproduce.machine import Clock
from reproduce.scheduling.cost import A100_13B, PCIE_4, Roofline, alone_seconds, with_link
from reproduce.scheduling.fit import Measured, fit, main, steps


def plan(tokens: int, computed: int = 0) -> SchedulerOutput:
    return SchedulerOutput({"a": tokens}, {"a": computed})


@pytest.mark.parametrize("tokens", [1, 50, 100, 101, 1000])
def test_a_roofline_hides_what_is_computed_while_weights_are_read(tokens: int) -> None:
    clock = Clock()
    roofline, added = Roofline().seconds(plan(tokens, 40)), A100_13B.seconds(plan(tokens, 40))
    assert roofline == pytest.approx(clock.step(tokens, tokens + 40))
    assert added == pytest.approx(roofline + min(clock.weights, tokens * clock.prompt_token))


def test_a_request_that_is_alone_takes_the_sum_of_its_steps() -> None:
    each = [A100_13B.seconds(plan(30)), *(A100_13B.seconds(plan(1, 30 + at)) for at in range(4))]
    assert alone_seconds(30, 5, A100_13B) == pytest.approx(sum(each))


def test_a_block_is_moved_by_one_copy_for_keys_and_values_of_each_layer() -> None:
    cost = with_link(A100_13B, PCIE_4, 16)
    assert cost.per_swapped_block == pytest.approx(80 * 10e-6 + 16 * 819_200 / 25e9)
    moved = plan(5)
    moved.blocks_to_swap_out, moved.blocks_to_swap_in = [(1, 2), (3, 4)], [(5, 6)]
    assert cost.seconds(moved) - A100_13B.seconds(plan(5)) == pytest.approx(
        3 * cost.per_swapped_block
    )


def test_a_fit_finds_the_constants_of_a_linear_cost() -> None:
    shapes = [(1, 100), (8, 5000), (512, 512), (2048, 2048), (32, 40_000)]
    found = fit([Measured(n, kv, 0.02 + 1e-4 * n + 5e-7 * kv) for n, kv in shapes])
    constants = (found.fixed, found.per_token, found.per_kv_token)
    assert constants == pytest.approx((0.02, 1e-4, 5e-7)) and found.largest_error < 1e-9


HEAD = "model,hardware,prompt_size,batch_size,token_size,prompt_time,token_time,tensor_parallel"


def test_measurements_of_other_machines_and_too_large_prompts_are_left_out(tmp_path: Path) -> None:
    shapes = [(512, 1), (512, 2), (1024, 4), (8192, 1), (128, 1)]
    lines = [
        f"llama2-70b,{hardware},{prompt},{batch},128,{30 + 0.1 * prompt * batch},{30 + batch},8"
        for hardware in ("a100-80gb", "h100-80gb")
        for prompt, batch in shapes
    ]
    file = tmp_path / "measured.csv"
    file.write_text("\n".join([HEAD, *lines, lines[0].replace("70b,a100", "13b,a100")]))
    main(file)
    import csv

    found = steps(list(csv.DictReader(file.open())), "a100-80gb")
    assert len(found) == 2 * 4 + 1 and max(one.tokens for one in found) == 4096
    assert found[0] == Measured(128, 128, pytest.approx(0.0428))
