"""What is claimed of the shipped weights is so."""

from __future__ import annotations

import json
import re
import sys

import pytest
import torch

from language_model.__main__ import main
from language_model.evaluate import mean_loss
from language_model.load import WEIGHTS
from language_model.model import LanguageModel
from language_model.tokenizer import Tokenizer

RECORD = json.loads((WEIGHTS / "record.json").read_text("utf-8"))
CARD = (WEIGHTS / "README.md").read_text("utf-8")


def test_the_loss_on_the_excerpt_is_the_recorded_one(
    shipped: tuple[LanguageModel, Tokenizer],
) -> None:
    model, tokenizer = shipped
    text = (WEIGHTS / "held_out_excerpt.txt").read_text("utf-8")
    tokens = torch.tensor(tokenizer.encode(text, bos=True))
    assert len(tokens) > 3000
    assert mean_loss(model, tokens) == pytest.approx(RECORD["excerpt_nats_per_token"], abs=1e-3)


def test_the_loss_counts_each_token_once_whatever_the_window(
    shipped: tuple[LanguageModel, Tokenizer],
) -> None:
    model, tokenizer = shipped
    tokens = torch.tensor(tokenizer.encode("To be, or not to be, that is the question:"))
    inputs = torch.cat([mean_of_one(model, tokens[i : i + 2]) for i in range(len(tokens) - 1)])
    assert mean_loss(model, tokens, window=1) == pytest.approx(inputs.mean().item(), abs=1e-5)


def mean_of_one(model: LanguageModel, pair: torch.Tensor) -> torch.Tensor:
    return torch.tensor([mean_loss(model, pair)])


def test_the_record_describes_the_weights(shipped: tuple[LanguageModel, Tokenizer]) -> None:
    assert RECORD["parameters"] == sum(x.numel() for x in shipped[0].parameters())
    assert RECORD["curve"][-1]["step"] == RECORD["steps"]
    ratio = RECORD["nats_per_token"] * RECORD["held_out_tokens"] / RECORD["held_out_characters"]
    assert RECORD["nats_per_character"] == pytest.approx(ratio, abs=2e-4)


def test_all_files_together_have_at_most_4_megabytes() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) <= 4_000_000


def test_the_card_states_the_recorded_figures() -> None:
    for name in ("parameters", "held_out_tokens", "held_out_characters", "cpu_seconds", "steps"):
        assert f"{RECORD[name]:,}" in CARD, name
    for name in ("nats_per_token", "nats_per_character", "excerpt_nats_per_token"):
        assert f"{RECORD[name]:.3f}" in CARD, name


def test_the_cards_curve_is_the_recorded_one() -> None:
    curve = {row["step"]: row for row in RECORD["curve"]}
    rows = re.findall(r"^\| ([\d,]+) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|$", CARD, re.MULTILINE)
    assert len(rows) >= 6
    for step, seconds, train, held_out in rows:
        row = curve[int(step.replace(",", ""))]
        assert f"{row['cpu_seconds']:,}" == seconds
        assert (f"{row['train']:.2f}", f"{row['held_out']:.2f}") == (train, held_out)


@pytest.mark.parametrize("number", [0, 1])
def test_the_cards_samples_are_what_the_command_prints(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = re.findall(r'^```\n\$ make sample PROMPT="(.*)" ARGS="(.*)"\n([^`]*)```', CARD, re.M)
    prompt, arguments, text = block[number]
    monkeypatch.setattr(sys, "argv", ["language_model", *arguments.split(), "--", prompt])
    assert main() == 0
    assert capsys.readouterr().out.rstrip() == text.rstrip()
