"""Performance: how costs grow from 10^3 to 10^5 tokens, and what is kept of them."""

from __future__ import annotations

from typing import Any

from autograder.judge.rules import Judge, rule

BLOCK_SIZE, CALLS, ROWS, SHORT = 32, 64, 64, 4


def verify(case: str, outputs: Any) -> str:
    """Say what is wrong with what a slice of work brought, or ""."""
    if case == "append":
        new, held = outputs["new"], outputs["held"]
        if len(set(new)) != CALLS // BLOCK_SIZE or held * BLOCK_SIZE != outputs["tokens"]:
            return f"{len(new)} new blocks and {held} in all for {outputs['tokens']} tokens"
    elif case == "lookup":
        short = [tokens for tokens in outputs["tokens"] if tokens < 900]
        if not outputs["tokens"] or short or not all(same is True for same in outputs["same"]):
            return "a lookup did not find all blocks of the cached prefix"
    elif case == "rows":
        return verify_rows(outputs)
    elif case == "manager_bytes" and outputs["held"] != 3125:
        return f"{outputs['held']} blocks held for 100,000 tokens"
    elif case == "table_bytes" and outputs["last"] != outputs["entries"] + 299:
        return "the table does not hold what was added last"
    return ""


def verify_rows(outputs: Any) -> str:
    """What the work on rows must leave behind: one short row in four, and a longer first row."""
    names = range(1, ROWS, 4)
    if outputs["tail"] != list(names):
        return "the long row does not end in the ids that were appended"
    counts, rows = [0] * (ROWS - 1), [[0] * SHORT for _ in range(ROWS - 1)]
    for row in names:
        counts[row + 1], rows[row + 1] = 2, [row, row, 0, 0]
    if outputs["counts"] != counts or outputs["rows"] != rows:
        return "rows do not hold what was added, swapped, moved and cleared"
    return ""


@rule("2.P1")
def test_a_token_costs_the_same_in_a_request_of_any_length(judge: Judge) -> None:
    judge.measure(("append", "take_back"), verify)


@rule("2.P2")
def test_a_lookup_costs_the_same_a_token_in_a_prefix_of_any_length(judge: Judge) -> None:
    judge.measure(("lookup",), verify)


@rule("2.P3")
def test_a_row_operation_costs_the_same_in_a_table_of_any_width(judge: Judge) -> None:
    judge.measure(("rows", "clear"), verify)


@rule("2.P4")
def test_the_manager_keeps_nothing_twice(judge: Judge) -> None:
    judge.measure(("manager_bytes",), verify)


@rule("2.P5")
def test_the_table_keeps_four_bytes_an_entry(judge: Judge) -> None:
    judge.measure(("table_bytes",), verify)
