"""Which requests must be refused, and what becomes of the others."""

from __future__ import annotations

from typing import Any


def due_of_process(args: Any, vocab_size: int, max_model_len: int, num_slots: int) -> str:
    """Why a request must be refused; "" if it must not.

    Args:
        args: its prompt and parameters.
        vocab_size: of the model.
        max_model_len: most tokens of a request.
        num_slots: tokens whose KV the whole cache holds.
    """
    prompt = args["prompt"]
    if not prompt:
        return "the prompt is empty"
    if len(prompt) >= max_model_len:
        return f"{len(prompt)} tokens leave no position of {max_model_len}"
    if not all(type(token) is int and 0 <= token < vocab_size for token in prompt):
        return f"the prompt holds what is no token of {vocab_size}"
    longest = len(prompt) + most_tokens(args, max_model_len) - 1
    if longest > num_slots:
        return f"it may need {longest} slots of {num_slots}"
    return ""


def most_tokens(args: Any, max_model_len: int) -> int:
    """Tokens that a request can generate."""
    return int(min(args["params"]["max_tokens"], max_model_len - len(args["prompt"])))


def request_of(args: Any, max_model_len: int) -> list[Any]:
    """Id, tokens, max_tokens and stop tokens of the request that is made."""
    return ["r", args["prompt"], most_tokens(args, max_model_len), sorted(args["params"]["stop"])]
