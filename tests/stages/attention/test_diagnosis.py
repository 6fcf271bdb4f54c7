"""A failure names the pattern: what the student did, or which elements are wrong."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.judge.parents import Parents
from autograder.paged_batch.draw import draw
from autograder.paged_batch.exact import attention
from autograder.paged_batch.spec import BatchSpec
from autograder.paged_batch.tolerance import tolerances
from autograder.program.model import first_violation
from autograder.source.variants import build_chaff, load_chaffs
from tests.stages.attention.bench import REFERENCE, STAGE, Runner

contract = importlib.import_module("stage4.contract").Contract
diagnosis = importlib.import_module("stage4.diagnosis")
faults = importlib.import_module("stage4.faults")
language = importlib.import_module("stage4.language")
suspicions = importlib.import_module("stage4.suspicions")
operations = importlib.import_module("stage4.operations")
SPEC = BatchSpec((37, 21), (5, 1), num_heads=4, num_kv_heads=2, seed=2)
CHAFFS = {chaff.id: chaff for chaff in load_chaffs(STAGE)}
SOME = operations.decode(129, num_heads=1, seed=7)
LONG = operations.decode(1041, num_heads=1, seed=1)
OTHERS = {
    "powers_of_two_for_exp": (SPEC, "I9", "powers of 2, not of e"),
    "rescale_forgotten": (SOME, "I1", "the values are not rescaled"),
    "total_not_rescaled_in_the_kernel": (SOME, "I1", "the sum is not rescaled"),
    "parts_averaged": (LONG, "I3", "as if each weighed as much"),
    "rest_of_the_split_lost": (LONG, "I6", "the last 17 of its 1,041 keys are missing"),
    "block_of_16_built_in": (
        operations.decode(40, 40, num_heads=1, block_size=8, shared=2, seed=3),
        "I8",
        "nobody holds block",
    ),
    "kernel_exp_without_maximum": (
        operations.decode(20, num_heads=1, gain=40.0, seed=6),
        "I9",
        "exp of them overflows",
    ),
}
"""Mistakes that one batch alone does not show."""
NAMED = {
    "own_key_missing": ("I6", "misses its own key"),
    "one_key_too_many": ("I6", "off by one"),
    "no_causal_mask": ("I6", "no causal mask"),
    "context_forgotten": ("I6", "context before it is forgotten"),
    "last_block_dropped": ("I6", "not full are missing"),
    "not_scaled": ("I9", "not scaled"),
    "heads_dealt_round": ("I7", "h % KV heads"),
    "masked_load_without_other": ("I6", "NaN"),
    "tiles_too_few": ("I6", "only in sequence 1"),
}


CASES = {**{name: (SPEC, *said) for name, said in NAMED.items()}, **OTHERS}


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_named(name: str, tmp_path: Path, parents: Parents) -> None:
    build_chaff(CHAFFS[name], REFERENCE, tmp_path)
    spec, invariant, words = CASES[name]
    program = (operations.attend(spec),)
    with Runner(tmp_path, parents) as runner:
        finding = first_violation(contract(), program, runner.observe(program))
    assert finding is not None
    assert finding.violation.invariant == invariant
    assert words in finding.violation.observed


def test_a_fault_names_the_line_the_array_and_the_programs(
    tmp_path: Path, parents: Parents
) -> None:
    build_chaff(CHAFFS["parts_in_one_place"], REFERENCE, tmp_path)
    program = (operations.attend(operations.decode(600, num_heads=1, columns=64)),)
    with Runner(tmp_path, parents) as runner:
        finding = first_violation(contract(), program, runner.observe(program))
    assert finding is not None and finding.violation.invariant == "I12"
    assert finding.violation.observed.startswith("attention.py:")
    assert (
        "'out'" in finding.violation.observed and "program (0, 0, 1)" in finding.violation.observed
    )


def outputs(mistake: str, spec: BatchSpec) -> tuple[Any, Any]:
    """What comes out if a mistake is made, and what should."""
    named = next(one for one in suspicions.SUSPICIONS if mistake in one.says)
    out, empty = suspicions.attended(spec, draw(spec), named)
    out[empty] = np.nan
    return out, attention(spec, draw(spec))


def explained(mistake: str, spec: BatchSpec) -> Any:
    return diagnosis.explain(spec, draw(spec), *outputs(mistake, spec), tolerances()["float32"])


def test_where_a_batch_cannot_tell_two_mistakes_apart_both_are_named() -> None:
    found = explained("last block", operations.decode(33, num_heads=1, seed=2))
    assert "misses its own key" in found.named and "a last block that is not full" in found.named
    apart = explained("last block", operations.decode(48, 33, num_heads=1, seed=2))
    assert apart.named == "keys in a last block that is not full are missing"


def test_a_token_that_sees_no_key_may_hold_zero_over_zero() -> None:
    spec = operations.decode(15, 16, 17, num_heads=1, seed=1)
    assert "last block" in explained("last block", spec).named
    alone = explained("misses its own key", operations.decode(1, num_heads=1))
    assert "no key was seen, and 0 was divided by 0" in alone.says


@pytest.mark.parametrize("mistake", sorted({one.says for one in suspicions.SUSPICIONS}))
def test_every_suspicion_is_named_where_it_is_true(mistake: str) -> None:
    spec = operations.ragged(
        (300, 2), (41, 40), num_heads=4, num_kv_heads=2, block_size=32, seed=2, poison="huge"
    )
    if "not rescaled" in mistake or "weighed" in mistake:
        spec = operations.ragged((300, 2), num_heads=1, seed=2)
    out, exact = outputs(mistake, spec)
    wrong = diagnosis.wrong_elements(out, exact, tolerances()["float32"])
    if not np.isnan(out).any() and wrong.any():
        assert mistake in explained(mistake, spec).named


def test_a_read_of_an_empty_slot_is_told_by_position_and_length() -> None:
    spec = operations.decode(17, num_heads=1, seed=4)
    table = draw(spec).table
    text = "attention.py:87: program (0, 0, 0): reads what is not there to be read of 'key_cache'"
    for block, words in (
        (int(table[0, 1]), "position 19 of sequence 0, which has 17 tokens"),
        (7, "nobody holds block 7"),
    ):
        found = faults.faulty(
            operations.attend(spec),
            "unreadable",
            f"{text}: 3 of 4 lanes, first at [{block}, 3, 0, 0]",
        )
        assert words in found.observed
        assert (found.invariant, found.place) == ("I8", "attention.py:87")


def test_the_line_that_a_fault_stopped_at_is_not_told_twice() -> None:
    told = language.show_state(
        {"launches": [], "torch": [], "fault": ["race", "attention.py:9: program (0, 2, 1): meets"]}
    )
    assert told == ["the kernel was stopped in program (0, 2, 1)"]
    assert language.show_state({"altered": []}) == []


def test_wrong_elements_are_told_by_sequence_head_and_dim() -> None:
    exact = attention(SPEC, draw(SPEC))
    seen = exact.copy()
    seen[2:5, 1, 40:] += 1.0
    found = diagnosis.explain(SPEC, draw(SPEC), seen, exact, tolerances()["float32"])
    words = found.says
    assert found.invariant == "I6" and not found.named
    assert "wrong in 72 of 1,536 elements" in words
    assert "only in sequence 0 (length 37)" in words
    assert "first in computed token 2" in words
    assert "only in head 1" in words and "only in dim 40 to 63" in words


def test_nothing_written_is_told_apart_from_wrong_numbers() -> None:
    exact = attention(SPEC, draw(SPEC))
    for value, word in ((0.0, "zeros"), (np.nan, "NaN")):
        seen = np.full_like(exact, value)
        words = diagnosis.explain(SPEC, draw(SPEC), seen, exact, tolerances()["float32"]).says
        assert words.startswith(word)


def test_a_batch_can_be_pasted() -> None:
    op = operations.attend(replace(SPEC, dtype="float16"), "reverse")
    text = language.to_python(op)
    assert text.startswith("paged_attention(**attention_batch(seq_lens=[37, 21], query_lens=[5, 1]")
    fields = eval(
        text.partition("attention_batch")[2].partition(")")[0].replace("(", "dict(") + ")"
    )
    assert BatchSpec.from_json(fields) == replace(SPEC, dtype="float16")
