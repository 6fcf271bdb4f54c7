"""What the contract is for: with slots that really hold tokens, every request reads its own.

A memory of slots is kept beside a program: the copies that a step lists are made, then what the
step computes is written through the request's table. The KV of a token depends on all tokens before
it, so that is what a slot holds. After each call the KV of every computed token of every request
must stand in its slot. Neither contract nor oracle is asked.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from autograder.program.model import Observation, Op, Program
from autograder.source.variants import build_chaff, load_chaffs
from tests.selftest.some import some
from tests.stages.block_table.bench import REFERENCE, STAGE, part, running

SEEDS = range(30)
DESTRUCTIVE = (
    "writes_into_shared_blocks",
    "writes_into_cached_blocks",
    "copy_not_told",
    "copy_turned_round",
    "fork_without_holders",
    "hit_not_held",
    "hash_without_parent",
    "partial_block_cached",
    "block_taken_a_step_late",
    "truncate_rounds_down",
)
"""Chaffs under which one request overwrites another's KV, or reads what was never computed."""


def first_wrong_read(program: Program, seen: list[Observation]) -> tuple[int, str] | None:
    """The first operation after which a request would read another token than its own."""
    size = int(str(program[0].args["block_size"]))
    memory: dict[int, Any] = {}
    tokens: defaultdict[str, list[int]] = defaultdict(list)
    before: Any = {}
    for index, (op, one) in enumerate(zip(program, seen, strict=True)):
        state: Any = one.state
        done = {name: counts[1] for name, counts in state["progress"].items()}
        _follow(op, tokens, one)
        if op.name == "step" and isinstance(one.result, dict):
            result: Any = one.result
            for old, new in result["copies"]:
                for offset in range(size):
                    memory[new * size + offset] = memory.get(old * size + offset)
            name = str(op.args["request"])
            first = done[name] - int(str(op.args["num_tokens"]))
            for position in range(first, done[name]):
                slot = _slot(state["tables"][name], position, size)
                memory[slot] = tokens[name][: position + 1]
        for name, count in done.items():
            for position in range(count):
                slot = _slot(state["tables"][name], position, size)
                if memory.get(slot) != tokens[name][: position + 1]:
                    return index, f"{name} reads position {position} in slot {slot}"
        before = state
    assert before["free"] == int(str(program[0].args["num_blocks"])) - 1 or any(
        one.error for one in seen
    )
    return None


def _follow(op: Op, tokens: dict[str, list[int]], seen: Observation) -> None:
    name = str(op.args.get("request", ""))
    given: Any = op.args.get("tokens", [])
    if seen.error or seen.skipped:
        return
    if op.name == "request":
        tokens[op.binds] = list(given)
    elif op.name == "generate":
        tokens[name] = [*tokens[name], *given]
    elif op.name == "fork":
        tokens[op.binds] = list(tokens[str(op.args["parent"])])
    elif op.name == "truncate":
        tokens[name] = tokens[name][: int(str(op.args["num_tokens"]))]


def _slot(table: list[int], position: int, size: int) -> int:
    """The slot of a position; -1 if the table has no block for it."""
    index = position // size
    return table[index] * size + position % size if index < len(table) else -1


def wrong_reads(submission: Path) -> list[tuple[int, str] | None]:
    generate = part("generate")
    with running(submission) as observe:
        programs = [generate.random_program(seed, 250, 10 + seed % 4) for seed in SEEDS]
        return [first_wrong_read(program, observe(program)) for program in programs]


def test_with_the_reference_every_request_reads_its_own_tokens() -> None:
    assert set(wrong_reads(REFERENCE)) == {None}


@pytest.mark.parametrize("name", some(DESTRUCTIVE))
def test_with_a_wrong_manager_some_request_reads_other_tokens(name: str, tmp_path: Path) -> None:
    chaff = next(chaff for chaff in load_chaffs(STAGE) if chaff.id == name)
    build_chaff(chaff, REFERENCE, tmp_path)
    assert any(wrong_reads(tmp_path)), name
