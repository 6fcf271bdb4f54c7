"""Whatever a worker claims of stage 1, contract, oracle and claims come to a verdict."""

from __future__ import annotations

import functools
import importlib
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judge.clock import Budget
from autograder.judge.local import LocalWorker
from autograder.judge.observe import observe
from autograder.judge.stage_package import import_stage, stage_language
from autograder.judge.staging import stage_files
from autograder.program.model import NotWritten, Observation, Program, first_violation
from autograder.program.skips import unexcused_skip
from autograder.protocol.plain import Json
from autograder.rubric.load import load_course

ROOT = Path(__file__).resolve().parents[2]
STAGE = load_course(ROOT / "assignments").stage(1)
BUDGET = Budget(60.0, 60.0, 1 << 30)
SEEDS = range(4)

odd: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, False, 0, 1, 3, -1, 0.5, 1.0, 10**39, -(10**39), 1.7e308),
        *("", "0", "1", "h1", "null", "\x1b[2J", "x" * 900),
        *([], [[]], [0], [1, 1], ["1"], [None], [True], [1.0], {}, {"type": "int"}),
        {"error": "KeyError"},
        {"error": "NotImplementedError"},
        {"error": 3},
    ]
)
blocks = st.lists(odd, min_size=3, max_size=5) | odd
states = st.fixed_dictionaries(
    {},
    optional={
        "free": odd,
        "null": st.just([0, 0, None, True]) | blocks,
        "blocks": st.dictionaries(st.sampled_from(["0", "1", "2", "-1", "one", ""]), blocks) | odd,
        "cached": st.dictionaries(st.sampled_from(["h0", "h1", "z"]), odd) | odd,
        "unreadable": st.just(True),
    },
)
errors = st.sampled_from(["", "OutOfBlocks", "ValueError", "NotImplementedError", "Odd", "a|b"])
forged = st.builds(
    Observation, odd, errors, st.just("text"), st.just(""), st.booleans(), states | st.just({})
)


@functools.cache
def honest(seed: int) -> tuple[Program, tuple[Observation, ...]]:
    """A program with everything in it, and what the reference shows."""
    import_stage(STAGE)
    path = list(sys.path)
    generate = importlib.import_module("stage1.generate")
    language = importlib.import_module("stage1.language")
    program = generate.random_program(seed, 40, 6, generate.EVERYTHING)
    program += (language.tamper("null", "ref_cnt", 5), language.check())
    with tempfile.TemporaryDirectory() as folder:
        given = ROOT / "reference" / "pagedlab"
        staged = stage_files(STAGE, ROOT / "reference", given, Path(folder))
        worker = LocalWorker(staged.folder, staged.folder)
        worker.request("load", {"modules": [Path(name).stem for name in STAGE.modules]}, BUDGET)
        seen = observe(worker, program, BUDGET)
    sys.path[:] = path
    return program, tuple(seen)


def checkers() -> list[Callable[[], Any]]:
    import_stage(STAGE)
    return [
        importlib.import_module("stage1.contract").Contract,
        importlib.import_module("stage1.oracle").Oracle,
    ]


def verdict(make: Callable[[], Any], program: Program, seen: tuple[Observation, ...]) -> str:
    """As the judge comes to it: "right", "wrong" or "not written"."""
    language = stage_language(STAGE)
    by_oracle = make.__name__ == "Oracle"
    if by_oracle:  # it knows nothing of tampering, and any violation counts
        program, seen = program[:-2], seen[:-2]
    skipped = unexcused_skip(program, seen, language.references)
    end = skipped.index if skipped else len(program)
    worst = "right"
    for invariants in ((), *[("none of them",)] * (not by_oracle)):
        try:
            found = first_violation(make(), program[:end], seen[:end], invariants)
        except NotWritten:
            worst = "not written"
            continue
        if found or skipped:
            worst = "wrong"
    return worst


@pytest.mark.parametrize("seed", SEEDS)
def test_honest_observations_are_right(seed: int) -> None:
    program, seen = honest(seed)
    for make in checkers():
        assert first_violation(make(), program[:-2], seen[:-2]) is None


FUZZ = settings(derandomize=True, deadline=None, max_examples=80)


@FUZZ
@given(st.sampled_from(SEEDS), st.dictionaries(st.integers(0, 41), forged, min_size=1, max_size=4))
def test_forged_observations_come_to_a_verdict(seed: int, lies: dict[int, Observation]) -> None:
    program, seen = honest(seed)
    told = tuple(lies.get(index, one) for index, one in enumerate(seen))
    for make in checkers():
        verdict(make, program, told)


@FUZZ
@given(
    st.sampled_from(SEEDS),
    st.integers(0, 39),
    st.sampled_from(["result", "free", "null", "blocks", "cached"]),
    odd,
)
def test_one_odd_value_comes_to_a_verdict(seed: int, index: int, field: str, value: Json) -> None:
    program, seen = honest(seed)
    one = seen[index]
    if field == "result":
        lie = replace(one, result=value)
    else:
        lie = replace(one, state={**one.state, field: value})
    told = (*seen[:index], lie, *seen[index + 1 :])
    for make in checkers():
        verdict(make, program, told)


@FUZZ
@given(st.sampled_from(SEEDS), st.integers(1, 39), odd)
def test_one_odd_block_comes_to_a_verdict(seed: int, index: int, value: Json) -> None:
    program, seen = honest(seed)
    state = dict(seen[index].state)
    shown = state.get("blocks")
    if isinstance(shown, dict) and shown:
        key = sorted(shown)[-1]
        for place in range(4):
            block = [value if n == place else old for n, old in enumerate(shown[key])]  # type: ignore[arg-type]
            lie = replace(seen[index], state={**state, "blocks": {**shown, key: block}})
            told = (*seen[:index], lie, *seen[index + 1 :])
            for make in checkers():
                verdict(make, program, told)


@settings(FUZZ, max_examples=200)
@given(st.lists(forged, min_size=11, max_size=11))
def test_claims_about_odd_behaviour_just_do_not_hold(lies: list[Observation]) -> None:
    import_stage(STAGE)
    claims = importlib.import_module("stage1.claims")
    made = {"usable_blocks": 999, "evicted_first": "least recently freed", "reuse_order": "lifo"}
    for told in ([], lies):
        checked = claims.check_claims(made, lambda program, told=told: told[: len(program)], {})
        assert len(checked) == 6
        assert all(isinstance(one.found, str) for one in checked)


@pytest.mark.parametrize("seed", SEEDS)
def test_skipping_what_can_be_run_is_wrong(seed: int) -> None:
    program, seen = honest(seed)
    blind = tuple(replace(one, skipped=True, result=None, error="") for one in seen)
    assert {verdict(make, program, blind) for make in checkers()} == {"wrong"}
    for index, one in enumerate(seen):
        if not one.skipped:
            told = (*seen[:index], replace(one, skipped=True), *seen[index + 1 :])
            assert unexcused_skip(program, told, stage_language(STAGE).references)


def test_what_the_reference_skips_is_excused() -> None:
    skipped = 0
    for seed in SEEDS:
        program, seen = honest(seed)
        skipped += sum(one.skipped for one in seen)
        assert unexcused_skip(program, seen, stage_language(STAGE).references) is None
    assert skipped > 5
