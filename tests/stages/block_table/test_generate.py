"""Random programs are in order, reach what they are for, and leave nothing behind."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from autograder.program.model import Observation, Program
from tests.stages.block_table.bench import REFERENCE, part, running

MIXES = ("GROWTH", "PREFIXES", "FORKS", "EVERYTHING")


def runs(mix: str) -> list[tuple[Program, list[Observation]]]:
    """A few programs of a mix, and what the reference shows of them."""
    generate = part("generate")
    made = [
        generate.random_program(seed, 200, 9 + seed, getattr(part("mixes"), mix))
        for seed in range(6)
    ]
    with running(REFERENCE) as observe:
        return [(program, observe(program)) for program in made]


@pytest.mark.parametrize("mix", MIXES)
def test_a_program_is_the_same_for_the_same_seed(mix: str) -> None:
    generate = part("generate")
    first, second = (
        generate.random_program(3, 200, 9, getattr(part("mixes"), mix)) for _ in range(2)
    )
    assert first == second
    assert first != generate.random_program(4, 200, 9, getattr(part("mixes"), mix))


@pytest.mark.parametrize("mix", MIXES)
def test_everything_is_free_at_the_end(mix: str) -> None:
    for program, seen in runs(mix):
        assert seen[-1].state["free"] == int(str(program[0].args["num_blocks"])) - 1
        tables = seen[-1].state["tables"]
        assert isinstance(tables, dict) and not any(tables.values())


@pytest.mark.parametrize("mix", MIXES)
def test_nothing_is_skipped_and_only_misuse_raises(mix: str) -> None:
    for _, seen in runs(mix):
        assert not any(one.skipped for one in seen)
        assert mix == "EVERYTHING" or not any(one.error for one in seen)


def test_programs_reach_hits_copies_refusals_evictions_and_errors() -> None:
    met: Counter[str] = Counter()
    for mix in MIXES:
        for program, seen in runs(mix):
            for (_, one), op in zip(pairwise(seen), program[1:], strict=True):
                met["error"] += bool(one.error)
                if op.name == "step" and not one.error:
                    met["refused"] += one.result is None
                    met["copied"] += isinstance(one.result, dict) and bool(one.result["copies"])
                if op.name == "lookup":
                    met["hit"] += isinstance(one.result, list) and one.result[1] != 0
            met["evicted"] += evicted(seen)
    assert min(met[what] for what in ("error", "refused", "copied", "hit", "evicted")) > 20, met


def evicted(seen: list[Observation]) -> int:
    """How often a block that was cached and free was taken."""
    count = 0
    for before, after in pairwise(seen):
        blocks, now = before.state.get("blocks", {}), after.state["blocks"]
        assert isinstance(blocks, dict) and isinstance(now, dict)
        count += sum(block == [0, True] and now[key][1] is False for key, block in blocks.items())
    return count
