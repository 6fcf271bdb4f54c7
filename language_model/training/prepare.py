"""Fetches the text, learns the tokenizer, writes the tokens that `train.py` reads.

    .venv/bin/python -m language_model.training.prepare --work /tmp/language-model

Leaves in the work folder: tokenizer.json, and train.npy and held_out.npy (uint16 token ids).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from language_model.config import ModelConfig
from language_model.tokenizer import BLANK_LINE, Tokenizer
from language_model.training import bpe, corpus


def tokens_of(tokenizer: Tokenizer, parts: list[str]) -> list[int]:
    """Encode one work: `<bos>`, then each paragraph with the `<eot>` that ends it."""
    return tokenizer.encode(BLANK_LINE.join(parts) + BLANK_LINE, bos=True)


def main() -> None:
    """Prepare the work folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="a folder outside the repository")
    work: Path = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    works = corpus.read_works(corpus.fetch(work))
    sets = {
        "train": [parts for name, parts in works.items() if name not in corpus.HELD_OUT],
        "held_out": [works[name] for name in corpus.HELD_OUT],
    }
    text = (part for parts in sets["train"] for part in parts)
    tokenizer = bpe.learn(text, ModelConfig().vocab_size)
    tokenizer.save(work / "tokenizer.json")
    for name, members in sets.items():
        ids = [index for parts in members for index in tokens_of(tokenizer, parts)]
        characters = sum(len(part) + len(BLANK_LINE) for parts in members for part in parts)
        np.save(work / f"{name}.npy", np.array(ids, np.uint16))
        print(f"{name}: {len(members)} works, {characters:,} characters, {len(ids):,} tokens")


if __name__ == "__main__":
    main()
