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
    "powers_of_two_for_exp": ("I9", "powers of two are taken for those of e"),
    "scores_in_half_precision": ("I6", "rounded to a narrow dtype"),
    "dims_taken_for_neighbours": ("I6", "strides of its own (layout dims_apart)"),
    "kernel_exp_without_maximum": ("I6", "exp overflowed"),
    "half_of_the_keys": ("I6", "the first half of the keys is missing; only in sequence 1"),
    "rescale_forgotten": ("I1", "the weighted values are not rescaled when the maximum grows"),
    "total_not_rescaled_in_the_kernel": ("I1", "the total is not rescaled when the maximum grows"),
    "parts_averaged": ("I3", "4 parts are averaged"),
    "rest_of_the_split_lost": ("I6", "keys behind the last multiple of"),
}
LONG = BatchSpec((1041,), (1,), num_heads=1, seed=1)
SHOWN_BY = {
    "scores_in_half_precision": BatchSpec((21,), (4,), dtype="float16", gain=6.0, seed=9),
    "kernel_exp_without_maximum": BatchSpec((21,), (4,), dtype="float16", gain=6.0, seed=9),
    "dims_taken_for_neighbours": replace(SPEC, layout="dims_apart"),
    "half_of_the_keys": BatchSpec((31, 129), (1, 1), num_heads=1, seed=6),
    **dict.fromkeys(("rescale_forgotten", "total_not_rescaled_in_the_kernel"), LONG),
    **dict.fromkeys(("parts_averaged", "rest_of_the_split_lost"), LONG),
}
"""Batches in which a mistake shows, if not in the usual one."""


@pytest.mark.parametrize("name", NAMED)
def test_the_mistake_is_named(name: str, tmp_path: Path, parents: Parents) -> None:
    build_chaff(CHAFFS[name], REFERENCE, tmp_path)
    program = (operations.attend(SHOWN_BY.get(name, SPEC)),)
    with Runner(tmp_path, parents) as runner:
        finding = first_violation(contract(), program, runner.observe(program))
    assert finding is not None
    invariant, words = NAMED[name]
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
    out = suspicions.attended(spec, draw(spec), named)
    return np.where(out == 0, np.nan, out), attention(spec, draw(spec))


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
    assert "no key was seen and 0 was divided by 0" in alone.says


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
    assert "first in computed token 2 of its sequence, at position 34: entry 2" in words
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
