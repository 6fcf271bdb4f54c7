"""What the imagined model says, and prompts that differ: known to the judge, too."""

from __future__ import annotations

from collections.abc import Sequence


def next_token(tokens: Sequence[int]) -> int:
    """What the model says after these tokens. Each of them, and its place, makes a difference."""
    state = 7
    for token in tokens:
        state = (state * 31 + token + 1) % 1_000_003
    return 10 + state % 89


def own_prompt(name: str, size: int) -> list[int]:
    """Tokens that no request of another name begins with."""
    first = sum((place + 1) * ord(letter) for place, letter in enumerate(name))
    return [1000 * first + place for place in range(size)]
