"""The tokenizer loses nothing, refuses what it cannot keep, and is learned as described."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.worker.steps import StepCounter
from language_model.load import WEIGHTS
from language_model.tokenizer import ALPHABET, BOS_ID, EOT_ID, Tokenizer, join
from language_model.training import bpe

SHIPPED = Tokenizer.load(WEIGHTS / "tokenizer.json")


@given(st.text(alphabet=ALPHABET, max_size=60))
def test_every_accepted_text_comes_back(text: str) -> None:
    assert SHIPPED.decode(SHIPPED.encode(text)) == text


@pytest.mark.parametrize(
    "text", ["", "\n", "\n\n", "\n\n\n", "a\n\n\n\nb", " ", "  a", "it's 1603!"]
)
def test_blank_lines_and_spaces_come_back(text: str) -> None:
    assert SHIPPED.decode(SHIPPED.encode(text, bos=True)) == text


def test_a_blank_line_ends_a_speech() -> None:
    assert SHIPPED.encode("A\n\nB").count(EOT_ID) == 1
    assert EOT_ID not in SHIPPED.encode("A\nB")
    assert SHIPPED.encode("A", bos=True) == [BOS_ID, *SHIPPED.encode("A")]


@pytest.mark.parametrize("text", ["caf\u00e9", "a\tb", "a\rb", "\u2019tis"])
def test_other_characters_are_refused_by_name(text: str) -> None:
    strange = next(c for c in text if c not in ALPHABET)
    with pytest.raises(ValueError, match=repr(strange).replace("\\", "\\\\")):
        SHIPPED.encode(text)


def test_the_shipped_vocabulary_is_1024_different_tokens() -> None:
    assert len(set(SHIPPED.vocabulary)) == len(SHIPPED.vocabulary) == 1024


def test_no_token_crosses_from_a_word_to_the_next() -> None:
    assert all(" " not in token[1:] for token in SHIPPED.vocabulary if token != " ")


def test_the_most_frequent_pair_is_merged_first() -> None:
    # "ab" 4 times, "bc" 3 times; then "abc" 3 times, against " a" never.
    learned = bpe.learn(["ab\nabc\nabc", "abc"], vocab_size=2 + len(ALPHABET) + 2)
    assert learned.merges == (("a", "b"), ("ab", "c"))
    assert len(learned.encode("abcab")) == 2


def test_what_is_learned_does_not_depend_on_the_order_of_texts() -> None:
    texts = ["to be or not to be", "that is the question", "be that as it may"]
    size = 2 + len(ALPHABET) + 12
    assert bpe.learn(texts, size) == bpe.learn(texts[::-1], size)


def test_a_saved_tokenizer_is_the_same_again(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    SHIPPED.save(file)
    assert Tokenizer.load(file) == SHIPPED
    assert file.read_bytes() == (WEIGHTS / "tokenizer.json").read_bytes()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"merges": 3}', '{"merges": [["a"]]}'])
def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="tokenizer.json: not a tokenizer"):
        Tokenizer.load(file)


def by_the_definition(piece: str) -> list[str]:
    """The earliest merge that fits is applied everywhere, again and again."""
    ranks = {pair: rank for rank, pair in enumerate(SHIPPED.merges)}
    tokens = list(piece)
    while fitting := [pair for pair in pairwise(tokens) if pair in ranks]:
        tokens = join(tokens, min(fitting, key=ranks.__getitem__))
    return tokens


@given(st.text(alphabet="aehrstn", min_size=1, max_size=60))
def test_merges_are_applied_in_the_order_in_which_they_were_learned(word: str) -> None:
    assert list(map(SHIPPED.decode, ([one] for one in SHIPPED.encode(word)))) == by_the_definition(
        word
    )


def test_a_long_word_takes_steps_in_proportion_to_its_length() -> None:
    steps = []
    for size in (2_000, 8_000):
        with StepCounter(10_000_000) as counter:
            SHIPPED.encode("there" * (size // 5))
        steps.append(counter.count)
    assert steps[1] < 5 * steps[0]
