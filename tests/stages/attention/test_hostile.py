"""Who lets something else than a kernel do the work is found out, and told by which rule.

Each hostile submission meets a few calls here; `make validate S=4` grades them by every rule.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.judge import staging
from autograder.judge.parents import Parents
from autograder.paged_batch.spec import WriteSpec
from autograder.program.model import Program, first_violation
from autograder.source.attacks import build_attack, load_attacks
from tests.stages.attention.bench import REFERENCE, ROOT, STAGE, Runner

contract = importlib.import_module("stage4.contract").Contract
operations = importlib.import_module("stage4.operations")
ATTACKS = {one.id: one for one in load_attacks(ROOT / "tests" / "attacks", STAGE)}
ONE, TWO = operations.decode(5, num_heads=1), operations.decode(3, 9, num_heads=2)
CALL: Program = (operations.attend(ONE),)
CAUGHT: dict[str, tuple[Program, str, str]] = {
    "answers_in_another_class": (CALL, "", "_Agreeable"),
    "answers_in_the_query": (CALL, "", "memory of ['query']"),
    "cached_by_shape": (
        (operations.attend(TWO), operations.attend(replace(TWO, seed=1))),
        "",
        "an earlier result",
    ),
    "einsum_over_the_output": (CALL, "I11", "it computed: clone"),
    "plain_python": (CALL, "I11", "tensor (of Python's numbers)"),
    "python_between_two_kernels": (CALL, "I6", "the code around the kernels computed"),
    "returns_its_buffer": ((*CALL, operations.attend(TWO)), "", "an earlier result"),
    "sdpa_behind_a_decoy": (CALL, "I11", "it computed: index"),
    "torch_inside_the_kernel": (CALL, "I11", "it computed: index"),
    "writes_into_the_poison": (CALL, "I12", "writes out of bounds"),
}
"""By which call, which invariant and which words a submission is caught."""
ENDS = "exits_when_no_kernel_runs"
COMPILED = {"another_kernel_for_the_compiler", "kernels_of_one_huge_tile"}
"""What only the compiler's lane sees."""
BLINDED = ("numpy_on_the_pointer", "works_in_a_thread")
"""Refused, and caught too if they were not: they read what stands there while no kernel runs."""


def refusals(name: str, folder: Path) -> list[str]:
    """Why which files of an attack are not run."""
    build_attack(ATTACKS[name], REFERENCE, folder / "submission")
    staged = staging.stage_files(
        STAGE, folder / "submission", REFERENCE / "pagedlab", folder / "staged"
    )
    return [f"{one.file} {one.reason}" for one in staged.problems]


REFUSED = sorted(set(ATTACKS) - set(CAUGHT) - COMPILED - {ENDS})


@contextmanager
def running(name: str, folder: Path, parents: Parents) -> Iterator[Runner]:
    build_attack(ATTACKS[name], REFERENCE, folder)
    with Runner(folder, parents) as runner:
        yield runner


@pytest.mark.parametrize("name", CAUGHT)
def test_what_no_kernel_computed_is_found_out(name: str, tmp_path: Path, parents: Parents) -> None:
    program, invariant, words = CAUGHT[name]
    with running(name, tmp_path, parents) as runner:
        found = first_violation(contract(), program, runner.observe(program))
    assert found is not None
    assert found.violation.invariant == invariant
    assert words in found.violation.observed


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_reaches_behind_the_grader_is_not_run(name: str, tmp_path: Path) -> None:
    (told,) = refusals(name, tmp_path)
    (file,) = (one.name for one in ATTACKS[name].files)
    assert told.startswith(f"{file} reaches behind the grader in line ")
    assert "§4.2" in told


@pytest.mark.parametrize("name", BLINDED)
def test_who_reads_past_torch_reads_other_numbers(
    name: str, tmp_path: Path, parents: Parents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_refused_by_its_stage", lambda stage, file: "")
    with running(name, tmp_path, parents) as runner:
        found = first_violation(contract(), CALL, runner.observe(CALL))
    assert found is not None and found.violation.invariant == "I11"
    assert "while no kernel runs" in found.violation.observed


def test_who_leaves_when_no_kernel_runs_has_not_answered(tmp_path: Path, parents: Parents) -> None:
    with running(ENDS, tmp_path, parents) as runner:
        seen = runner.observe(CALL)
        assert first_violation(contract(), CALL, seen) is None
        assert runner.observe((operations.unlaunched(ONE),)) == []


def test_a_write_by_the_host_is_found_out(tmp_path: Path, parents: Parents) -> None:
    text = (REFERENCE / "pagedlab" / "kv_cache_write.py").read_text("utf-8")
    (tmp_path / "pagedlab").mkdir()
    for name in STAGE.modules:
        source = (REFERENCE / "pagedlab" / name).read_text("utf-8")
        (tmp_path / "pagedlab" / name).write_text(source, encoding="utf-8")
    text += HOST_WRITE
    (tmp_path / "pagedlab" / "kv_cache_write.py").write_text(text, encoding="utf-8")
    program: Program = (operations.write(WriteSpec((3, 1, -1), head_size=64)),)
    with Runner(tmp_path, parents) as runner:
        found = first_violation(contract(), program, runner.observe(program))
    assert found is not None and found.violation.invariant == "I11"
    assert "while no kernel runs" in found.violation.observed


HOST_WRITE = """

@triton.jit
def _put(target, at, number):
    tl.store(target + at, number)


def write_kv_cache(key, value, key_cache, value_cache, slot_mapping, _honest=write_kv_cache):
    _honest(key, value, key_cache, value_cache, slot_mapping)
    numbers, slot = key.tolist(), slot_mapping.tolist()[0]
    width = key.shape[1] * key.shape[2]
    _put[(1,)](key_cache, slot * width, numbers[0][0][0])
"""
