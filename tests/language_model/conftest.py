"""A toy model with random weights, and the shipped one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from language_model.config import ModelConfig
from language_model.load import load
from language_model.model import LanguageModel
from language_model.tokenizer import Tokenizer


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def toy() -> LanguageModel:
    """Small enough for slow loops; every weight, the norms' too, is far from a special value."""
    shape = ModelConfig(
        vocab_size=40,
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=8,
        intermediate_size=20,
        rope_theta=100.0,
        rms_norm_eps=1e-3,
        max_position_embeddings=64,
    )
    model = LanguageModel(shape)
    random = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.3, 0.5, generator=random)
    return model.requires_grad_(False)


@pytest.fixture(scope="session")
def shipped() -> tuple[LanguageModel, Tokenizer]:
    return load()
