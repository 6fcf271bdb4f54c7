"""Performance: bytes that kernels move, and how the work is spread, counted by the sanitizer."""

from __future__ import annotations

from typing import Any

import numpy as np
from stage4.contract import memory_after
from stage4.diagnosis import wrong_elements
from stage4.machine import ASK, BUDGET, PRELOAD, TIMED, loss, losses, read_facts

from autograder.judge.rules import Judge, rule
from autograder.paged_batch.costs import CASES
from autograder.paged_batch.draw import draw
from autograder.paged_batch.exact import attention
from autograder.paged_batch.spec import WriteSpec
from autograder.paged_batch.tensors_as_bytes import NoTensor, from_text
from autograder.paged_batch.tolerance import tolerances


def wrong(case: str, outputs: Any) -> str:
    """What is wrong with a case's outputs, or ""."""
    spec = CASES[case]
    try:
        if isinstance(spec, WriteSpec):
            wanted = memory_after(spec)[0].values()
            seen = [from_text(part).numbers for part in outputs]
            same = all(map(np.array_equal, seen, wanted)) and len(seen) == len(wanted)
            return "" if same else "the cache holds something else than what was written"
        exact, shown = attention(spec, draw(spec)), from_text(outputs)
    except NoTensor as other:
        return f"{other}, not a tensor of the agreed form"
    if shown.dtype != spec.dtype or shown.numbers.shape != exact.shape:
        return f"{shown.dtype} {list(shown.numbers.shape)}, not {spec.dtype} {list(exact.shape)}"
    if wrong_elements(shown.numbers, exact, tolerances()[spec.dtype]).any():
        return "the output of the counted call is wrong"
    return ""


LEAST = {"longest_program": 16.0}
"""No solution costs less: a program takes 16 keys at least, and what is needed is read once."""


def amount(judge: Judge) -> None:
    """Measure the rule's case, and say what was counted, whatever it earns."""
    judge.measure((judge.rule.case,), wrong)
    judge.measured["least"] = LEAST.get(judge.rule.case, 0.99)
    judge.note(f"{judge.measured['amount']:,g} {judge.rule.unit}")


@rule("4.P1")
def test_decode_reads_each_key_and_value_once_per_kv_head(judge: Judge) -> None:
    amount(judge)


@rule("4.P2")
def test_a_tile_of_queries_shares_the_keys_that_it_reads(judge: Judge) -> None:
    amount(judge)


@rule("4.P3")
def test_a_prompt_reads_no_keys_behind_its_causal_limit(judge: Judge) -> None:
    amount(judge)


@rule("4.P4")
def test_one_long_sequence_is_spread_over_many_programs(judge: Judge) -> None:
    amount(judge)


@rule("4.P5")
def test_a_write_moves_its_own_bytes_and_no_others(judge: Judge) -> None:
    amount(judge)


@rule("4.P6")
def test_products_run_on_tensor_cores_loads_are_wide_and_nothing_spills(judge: Judge) -> None:
    facts = read_facts(judge.session.ask_aside(PRELOAD, ASK, BUDGET))
    judge.measured = {"amount": loss(facts), "least": 1.0}
    parts = ", ".join(f"{part:.2f} {what}" for what, part in losses(facts).items())
    judge.note(f"{loss(facts):.2f} {judge.rule.unit} = 1, and {parts}")
    for call in TIMED:
        for one in facts[call]:
            spilled = one.spill_stores + one.spill_loads
            judge.note(
                f"{call} on {one.target}, {one.kernel}: {one.registers} registers, {spilled} bytes"
                f" spilled, {one.tensor_core} tensor-core instructions, {one.wide_share:.0%} of the"
                " loads 16 bytes wide"
            )
