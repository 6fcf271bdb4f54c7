"""The loader takes the shipped files, and says of damaged ones which and why."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from language_model.load import SUMS, WEIGHTS, BadWeights, load
from language_model.model import LanguageModel
from language_model.tokenizer import Tokenizer

FILES = ("config.json", "model.safetensors", "tokenizer.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*FILES, SUMS):
        shutil.copy(WEIGHTS / name, tmp_path / name)
    return tmp_path


def sign(folder: Path) -> None:
    lines = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in FILES]
    (folder / SUMS).write_text("".join(lines))


def rewrite(folder: Path, name: str, tensor: Tensor | None) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors[next(iter(tensors)) if tensor is not None and name not in tensors else name]
    if tensor is not None:
        tensors[name] = tensor
    save_file(tensors, folder / "model.safetensors")
    sign(folder)


def test_the_shipped_model_is_fp16_on_disk_and_fp32_in_memory(
    shipped: tuple[LanguageModel, Tokenizer],
) -> None:
    stored = load_file(WEIGHTS / "model.safetensors")
    assert {x.dtype for x in stored.values()} == {torch.float16}
    state = shipped[0].state_dict()
    assert {x.dtype for x in state.values()} == {torch.float32}
    assert all(torch.equal(state[name], x.float()) for name, x in stored.items())
    assert not any(x.requires_grad for x in shipped[0].parameters())


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_is_found(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(BadWeights, match=rf"{name} is not the file that {SUMS} lists"):
        load(folder)


@pytest.mark.parametrize("name", [*FILES, SUMS])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BadWeights, match=name):
        load(folder)


def test_a_file_that_has_no_sum_is_refused(folder: Path) -> None:
    lines = (folder / SUMS).read_text().splitlines(keepends=True)
    (folder / SUMS).write_text("".join(lines[:1]))
    with pytest.raises(BadWeights, match="model.safetensors is not the file"):
        load(folder)


@pytest.mark.parametrize(
    ("name", "tensor", "says"),
    [
        ("norm.weight", None, "lacks norm.weight"),
        ("norm.bias", torch.zeros(192), "holds norm.bias, which|lacks"),
        ("norm.weight", torch.zeros(191), r"norm.weight is torch.float32 \[191\]"),
        ("norm.weight", torch.zeros(192, dtype=torch.int32), r"norm.weight is torch.int32 \[192\]"),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    folder: Path, name: str, tensor: Tensor | None, says: str
) -> None:
    rewrite(folder, name, tensor)
    with pytest.raises(BadWeights, match=says):
        load(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"vocab_size": 1000}, "tokenizer.json has 1024 tokens, config.json 1000"),
        ({"num_key_value_heads": 4}, "multiple of num_key_value_heads"),
        ({"head_dim": 31}, "head_dim must be even"),
        ({"num_hidden_layers": 3}, "layers.3"),
        ({"beams": 4}, "beams"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused(
    folder: Path, change: dict[str, int], says: str
) -> None:
    config = json.loads((folder / "config.json").read_text()) | change
    (folder / "config.json").write_text(json.dumps(config))
    sign(folder)
    with pytest.raises(BadWeights, match=says):
        load(folder)


def test_a_file_that_is_no_safetensors_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"not tensors")
    sign(folder)
    with pytest.raises(BadWeights):
        load(folder)
