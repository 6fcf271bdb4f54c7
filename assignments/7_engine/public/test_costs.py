"""Performance: what a step costs beside the model."""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograder.judge.rules import Judge, rule

REQUESTS, FEW, PROMPTS, OUT = 32, 4, 8, 4
LEAST = {"kernels": 1.0, "swaps": 2.0}
"""Kernels that no solution does without: one that fills the inputs; one out, and one in."""


def verify(case: str, outputs: Any) -> str:
    """What is wrong with the outputs of a case, or ""."""
    if case in ("bytes", "swaps"):
        return f"block {outputs[0][1]} is not what block {outputs[0][0]} was" if outputs else ""
    if case == "logits":
        got = Counter(name for one in outputs for name, tokens in one if tokens == [0])
        due = {f"r{number}": OUT for number in range(PROMPTS)}
        return "" if got == due else f"tokens by request: {dict(got)}, not {due}"
    requests = FEW if case == "decode" else REQUESTS
    due_now = [[f"r{number}", [0]] for number in range(requests)]
    return "" if sorted(outputs) == sorted(due_now) else "not one token for each request"


def measured(judge: Judge) -> None:
    """Measure the rule's case, and say what was counted, whatever it earns."""
    judge.measure((judge.rule.case,), verify)
    if judge.rule.case in LEAST and judge.measured:
        judge.measured = {**judge.measured, "least": LEAST[judge.rule.case]}
    if judge.rule.unit:
        judge.note(f"{judge.measured['amount']:,.3g} {judge.rule.unit}")


@rule("7.P1")
def test_only_rows_that_a_token_is_drawn_from_are_scored(judge: Judge) -> None:
    measured(judge)


@rule("7.P2")
def test_transfers_move_the_blocks_of_the_plan_and_no_others(judge: Judge) -> None:
    measured(judge)


@rule("7.P3")
def test_transfers_take_a_few_kernels_however_many_blocks(judge: Judge) -> None:
    measured(judge)


@rule("7.P4")
def test_a_step_takes_a_few_lines_of_python_a_request(judge: Judge) -> None:
    measured(judge)


@rule("7.P5")
def test_the_inputs_of_a_step_take_a_few_kernels_however_many_requests(judge: Judge) -> None:
    measured(judge)


@rule("7.P6")
def test_a_decode_step_costs_no_more_for_a_long_context(judge: Judge) -> None:
    measured(judge)
