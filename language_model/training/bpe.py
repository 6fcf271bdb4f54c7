"""Learns a tokenizer's merges: byte-pair encoding (Sennrich et al., arXiv 1508.07909)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from language_model.tokenizer import ALPHABET, PIECES, SPECIAL, Merge, Tokenizer, join


def learn(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Merge the most frequent pair of neighbours, again and again, until the vocabulary is full.

    Of equally frequent pairs the last in alphabetical order is merged first.
    """
    count = Counter(piece for text in texts for piece in PIECES.findall(text))
    split = {piece: list(piece) for piece in count}
    pairs: Counter[Merge] = Counter()
    holders: defaultdict[Merge, set[str]] = defaultdict(set)

    def account(piece: str, sign: int) -> None:
        tokens = split[piece]
        for pair in zip(tokens, tokens[1:], strict=False):
            pairs[pair] += sign * count[piece]
            holders[pair].add(piece)

    for piece in split:
        account(piece, +1)
    merges: list[Merge] = []
    for _ in range(vocab_size - len(SPECIAL) - len(ALPHABET)):
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for piece in holders.pop(best):
            account(piece, -1)
            split[piece] = join(split[piece], best)
            account(piece, +1)
        del pairs[best]
    return Tokenizer(tuple(merges))
