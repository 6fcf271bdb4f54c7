"""The shipped model, loaded once a process: the processes that are forked from it share it."""

from __future__ import annotations

from functools import cache

import torch

from language_model.load import load
from language_model.model import LanguageModel


@cache
def shipped_model() -> LanguageModel:
    """Give the model of `load`. Nobody may change it."""
    return load()[0]


def warm() -> None:
    """Load the model ahead of time, on one thread: a fork takes no second one along."""
    torch.set_num_threads(1)
    shipped_model()
