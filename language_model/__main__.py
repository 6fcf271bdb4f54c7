"""Prints a prompt and its continuation: `python -m language_model "O Romeo,"`."""

from __future__ import annotations

import argparse
import itertools
import sys

import torch

from language_model.generate import generate
from language_model.load import BadWeights, load
from language_model.tokenizer import EOT_ID


def main() -> int:
    """Do so. Returns an exit code: 0, or 2 for a wrong request."""
    parser = argparse.ArgumentParser(prog="language_model", description=__doc__)
    parser.add_argument("prompt", help=r"printable ASCII; \n is a new line, \n\n ends a speech")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another continuation")
    parser.add_argument("--temperature", type=float, default=0.7, help="0 is greedy (and loops)")
    parser.add_argument("--tokens", type=int, default=200, help="at most so many")
    parser.add_argument("--speech", action="store_true", help="stop at the end of the speech")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    try:
        model, tokenizer = load()
        text = wanted.prompt.replace("\\n", "\n")
        tokens = generate(
            model,
            [EOT_ID, *tokenizer.encode(text)],  # after <bos> a list of persons would come
            temperature=wanted.temperature,
            seed=wanted.seed,
        )
        print(text, end="", flush=True)
        for token in itertools.islice(tokens, wanted.tokens):
            if wanted.speech and token == EOT_ID:
                break
            print(tokenizer.decode([token]), end="", flush=True)
    except (BadWeights, ValueError) as error:
        print(f"language_model: {error}", file=sys.stderr)
        return 2
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
