"""Trains the shipped model: one CPU thread, seeded, resumable.

    .venv/bin/python -m language_model.training.train --work /tmp/language-model

Needs what `prepare.py` left in the work folder. Leaves there: checkpoint.pt (as it goes; the same
command goes on from it) and log.jsonl. Then `publish.py` makes the weights to commit.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from language_model.config import ModelConfig
from language_model.evaluate import loss_of, mean_loss
from language_model.model import LanguageModel
from language_model.training.attention import attend_in_products
from language_model.training.batches import Windows
from language_model.training.muon import Muon


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights, but for the text.

    The learning rate rises for `warm_up` steps, stays, and falls to zero over the last
    `decay` of all steps; over the last `long` of them windows are twice as long, half as many.
    """

    steps: int = 4000
    window: int = 256
    batch: int = 16
    seed: int = 20
    matrix_rate: float = 0.02  # Muon, for the layers' matrices
    other_rate: float = 0.004  # AdamW, for embeddings and norms
    warm_up: int = 50
    decay: float = 0.5
    long: float = 0.2

    def rate(self, step: int) -> float:
        """Give the factor of the learning rates at `step`, from 0."""
        left = (self.steps - step) / (self.decay * self.steps)
        return min(1.0, (step + 1) / self.warm_up, left)

    @property
    def first_long(self) -> int:
        """The first step whose windows are long."""
        return math.ceil((1 - self.long) * self.steps)


class Run:
    """A training run: the model, its optimizers, and how far they are."""

    def __init__(self, recipe: Recipe, work: Path, config: ModelConfig | None = None) -> None:
        self.recipe, self.work = recipe, work
        tokens = np.load(work / "train.npy")
        self.short = Windows(tokens, recipe.window, recipe.batch, recipe.seed)
        self.long = Windows(tokens, 2 * recipe.window, recipe.batch // 2, recipe.seed)
        self.held_out = torch.from_numpy(np.load(work / "held_out.npy").astype(np.int64))
        self.model = initialise(config or ModelConfig(), recipe.seed)
        matrices = [p for p in self.model.layers.parameters() if p.dim() == 2]
        others = [p for p in self.model.parameters() if all(p is not m for m in matrices)]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW(others, betas=(0.9, 0.95), weight_decay=0.0)
        self.step, self.seconds = 0, 0.0

    def advance(self) -> float:
        """Do one step and return its loss."""
        recipe, step = self.recipe, self.step
        long = step >= recipe.first_long
        batch = self.long[step - recipe.first_long] if long else self.short[step]
        self.muon.lr = recipe.matrix_rate * recipe.rate(step)
        self.adam.param_groups[0]["lr"] = recipe.other_rate * recipe.rate(step)
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(self.model, batch, attend_in_products)
            loss.backward()
            self.muon.step()
        self.adam.step()
        self.adam.zero_grad()
        self.step += 1
        return float(loss.item())

    def save(self) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "muon": self.muon.state,
            "adam": self.adam.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        torch.save(state, self.work / "checkpoint.new")
        (self.work / "checkpoint.new").replace(self.work / "checkpoint.pt")

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one."""
        if (self.work / "checkpoint.pt").exists():
            state = torch.load(self.work / "checkpoint.pt", weights_only=True)
            self.model.load_state_dict(state["model"])
            self.muon.state = state["muon"]
            self.adam.load_state_dict(state["adam"])
            self.step, self.seconds = state["step"], state["seconds"]


def initialise(config: ModelConfig, seed: int) -> LanguageModel:
    """Make a model with random weights: deviation 0.02, less where a layer adds to the stream."""
    torch.manual_seed(seed)
    model = LanguageModel(config)
    for name, parameter in model.named_parameters():
        if parameter.dim() == 2:
            adds = name.endswith(("o_proj.weight", "down_proj.weight"))
            scale = math.sqrt(2 * config.num_hidden_layers) if adds else 1.0
            nn.init.normal_(parameter, std=0.02 / scale)
    return model


def train(run: Run, *, check: int, keep: int) -> None:
    """Train to the last step; every `check` steps measure, every `keep` steps save."""
    before = run.seconds - time.process_time()
    losses: list[float] = []
    while run.step < run.recipe.steps:
        losses.append(run.advance())
        run.seconds = before + time.process_time()
        last = run.step == run.recipe.steps
        if run.step % check == 0 or last:
            part = run.held_out if last else run.held_out[: 20 * 512 + 1]
            row = {
                "step": run.step,
                "cpu_seconds": round(run.seconds),
                "train": round(sum(losses) / len(losses), 4),
                "held_out": round(mean_loss(run.model, part), 4),
            }
            with (run.work / "log.jsonl").open("a", encoding="utf-8") as log:
                log.write(json.dumps(row) + "\n")
            losses.clear()
        if run.step % keep == 0 or last:
            run.save()


def main() -> None:
    """Train in the work folder, from its checkpoint if it has one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="the folder that prepare.py made")
    parser.add_argument("--steps", type=int, default=Recipe.steps, help="fewer, for a trial")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    # Filling memory that is overwritten at once would cost 4 % of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False
    run = Run(Recipe(steps=wanted.steps), wanted.work)
    run.resume()
    print(f"{asdict(run.recipe)}, from step {run.step}")
    train(run, check=100, keep=50)


if __name__ == "__main__":
    main()
