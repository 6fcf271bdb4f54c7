"""Loads the shipped model. Nothing is downloaded, and nothing that is loaded is run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from language_model.config import ModelConfig
from language_model.model import LanguageModel
from language_model.tokenizer import Tokenizer

WEIGHTS = Path(__file__).parent / "weights"
SUMS = "SHA256SUMS"  # of the other three; `sha256sum -c` reads it as well
CONFIG, TENSORS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"


class BadWeights(ValueError):
    """A file of the model is missing, damaged, or does not fit the others."""


def load(folder: Path = WEIGHTS) -> tuple[LanguageModel, Tokenizer]:
    """Load the model, ready for inference on the CPU, and its tokenizer.

    Weights are stored in fp16 and computed with in fp32. Gradients are off.

    Raises:
        BadWeights: says which file, and what is wrong with it.
    """
    check_sums(folder)
    try:
        config = ModelConfig(**json.loads((folder / CONFIG).read_text("utf-8")))
        tensors = load_file(folder / TENSORS)
        tokenizer = Tokenizer.load(folder / TOKENIZER)
    except (OSError, TypeError, ValueError, SafetensorError) as error:
        raise BadWeights(f"{folder}: {error}") from error
    if len(tokenizer.vocabulary) != config.vocab_size:
        sizes = f"{len(tokenizer.vocabulary)} tokens, {CONFIG} {config.vocab_size}"
        raise BadWeights(f"{folder / TOKENIZER} has {sizes}")
    return assemble(config, tensors, str(folder / TENSORS)), tokenizer


def assemble(config: ModelConfig, tensors: dict[str, Tensor], source: str) -> LanguageModel:
    """Make a model of `tensors`, by the names of `LanguageModel.state_dict`.

    Args:
        config: the model's shape.
        tensors: of any floating dtype; not changed.
        source: where they are from, for the error.

    Raises:
        BadWeights: a tensor is missing, unknown, not floating or of another shape.
    """
    with torch.device("meta"):
        wanted = {name: x.shape for name, x in LanguageModel(config).state_dict().items()}
    for name in sorted(wanted.keys() | tensors.keys()):
        if name not in tensors:
            raise BadWeights(f"{source} lacks {name}")
        if name not in wanted:
            raise BadWeights(f"{source} holds {name}, which the model does not know")
        found = tensors[name]
        if found.shape != wanted[name] or not found.is_floating_point():
            shapes = f"{found.dtype} {list(found.shape)}, must be floating {list(wanted[name])}"
            raise BadWeights(f"{source}: {name} is {shapes}")
    model = LanguageModel(config)
    model.load_state_dict(tensors)
    model.eval()
    model.requires_grad_(False)
    return model


def check_sums(folder: Path) -> None:
    """Hold the model's files against SHA256SUMS.

    Raises:
        BadWeights: a file differs, is not listed, or cannot be read.
    """
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        sums = {name: digest for digest, name in (line.split() for line in lines)}
        for name in (CONFIG, TENSORS, TOKENIZER):
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != sums.get(name):
                raise BadWeights(
                    f"{folder / name} is not the file that {SUMS} lists: restore both from git"
                )
    except (OSError, UnicodeDecodeError) as error:
        raise BadWeights(f"{folder}: {error}") from error
