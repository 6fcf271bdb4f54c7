"""The tokenizer: byte-pair encoding over printable ASCII, lossless on all that it accepts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path

BOS, EOT = "<bos>", "<eot>"
SPECIAL = (BOS, EOT)
BOS_ID, EOT_ID = 0, 1
ALPHABET = ("\n", *map(chr, range(32, 127)))
BLANK_LINE = "\n\n"
# No merge crosses a border between these: words and punctuation take their one leading space along.
PIECES = re.compile(r" ?[A-Za-z']+| ?[^A-Za-z' \n]+|\n| ")

Merge = tuple[str, str]


@dataclass(frozen=True)
class Tokenizer:
    """Text to token ids and back.

    A blank line is the token `<eot>`: it ends a speech in a play, so a reply ends where the
    model says it does. `<bos>` opens a text and stands for no characters.

    Attributes:
        merges: pairs of neighbours that become one token, the first to be applied first.
    """

    merges: tuple[Merge, ...]
    vocabulary: tuple[str, ...] = field(init=False, repr=False)
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)
    _ranks: dict[Merge, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the vocabulary: special tokens, the alphabet, then one token a merge."""
        vocabulary = (*SPECIAL, *ALPHABET, *(left + right for left, right in self.merges))
        object.__setattr__(self, "vocabulary", vocabulary)
        object.__setattr__(self, "_ids", {text: index for index, text in enumerate(vocabulary)})
        object.__setattr__(self, "_ranks", {pair: i for i, pair in enumerate(self.merges)})

    def encode(self, text: str, *, bos: bool = False) -> list[int]:
        """Turn text into token ids.

        Args:
            text: newlines and printable ASCII only.
            bos: begin with `<bos>`, as at the start of a play.

        Raises:
            ValueError: `text` holds any other character.
        """
        strange = sorted(set(text) - set(ALPHABET))
        if strange:
            raise ValueError(f"the tokenizer knows printable ASCII and newline, not {strange[0]!r}")
        ids = [BOS_ID] if bos else []
        for index, part in enumerate(text.split(BLANK_LINE)):
            if index:
                ids.append(EOT_ID)
            for piece in PIECES.findall(part):
                ids.extend(self._ids[token] for token in self._split(piece))
        return ids

    def decode(self, ids: list[int]) -> str:
        """Turn token ids back into text: the inverse of `encode`, but for `<bos>`."""
        shown = {BOS_ID: "", EOT_ID: BLANK_LINE}
        return "".join(shown.get(index, self.vocabulary[index]) for index in ids)

    def _split(self, piece: str) -> list[str]:
        """Split one piece into tokens: apply the earliest merge that fits, until none does."""
        tokens = [*piece, ""]  # a token that was taken in by its left neighbour is "", too
        end = len(piece)
        before, after = list(range(-1, end)), list(range(1, end + 2))
        fitting: list[tuple[int, int]] = []  # rank of a merge, and the place of its left token

        def look(at: int) -> None:
            if 0 <= at < end:
                rank = self._ranks.get((tokens[at], tokens[after[at]]))
                if rank is not None:
                    heappush(fitting, (rank, at))

        for at in range(end):
            look(at)
        while fitting:
            rank, joined = fitting[0][0], []
            while fitting and fitting[0][0] == rank:
                _, at = heappop(fitting)
                right = after[at]
                if self._ranks.get((tokens[at], tokens[right])) == rank:
                    tokens[at], tokens[right] = tokens[at] + tokens[right], ""
                    after[at] = after[right]
                    before[after[right]] = at
                    joined.append(at)
            for at in joined:
                look(before[at])
                look(at)
        return [token for token in tokens if token]

    def save(self, file: Path) -> None:
        """Write the merges as JSON."""
        file.write_text(json.dumps({"merges": self.merges}, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Tokenizer:
        """Read what `save` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a tokenizer's JSON.
        """
        try:
            merges = json.loads(file.read_text(encoding="utf-8"))["merges"]
            return cls(tuple((str(left), str(right)) for left, right in merges))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{file}: not a tokenizer: {error!r}") from error


def join(tokens: list[str], pair: Merge) -> list[str]:
    """Replace each `pair` of neighbours, from the left, by one token."""
    joined: list[str] = []
    index = 0
    while index < len(tokens):
        if tuple(tokens[index : index + 2]) == pair:
            joined.append(pair[0] + pair[1])
            index += 2
        else:
            joined.append(tokens[index])
            index += 1
    return joined
