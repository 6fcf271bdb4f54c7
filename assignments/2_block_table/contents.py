"""What the judge knows of requests and blocks from the program and from what it has seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stage2.state import ManagerState, is_ids

from autograder.protocol.plain import Json

Content = tuple[tuple[str, ...], tuple[int, ...]]
"""Extra keys, and all tokens up to the end of a full block."""


@dataclass(frozen=True)
class Request:
    """A request as the program made it: tokens, extra keys, and how many are computed."""

    tokens: tuple[int, ...]
    extra_keys: tuple[str, ...]
    computed: int = 0


class Contents:
    """Which content each full block got, and when each block was last given back."""

    def __init__(self) -> None:
        self._content: dict[int, Content] = {}
        self._given_back: dict[int, int] = {}
        self._clock = 0

    def forget(self, blocks: Iterable[int]) -> None:
        """Blocks that are handed out hold nothing yet."""
        for key in blocks:
            self._content.pop(key, None)

    def note(self, table: Sequence[int], request: Request, block_size: int, first: int) -> None:
        """The blocks of a table from entry `first` on that are full by now have their content."""
        for index in range(first, min(len(table), request.computed // block_size)):
            prefix = request.tokens[: (index + 1) * block_size]
            self._content[table[index]] = (request.extra_keys, prefix)

    def holding(self, content: Content, state: ManagerState) -> set[int]:
        """The cached blocks with this content."""
        return {
            key
            for key, block in state.blocks.items()
            if block.cached and self._content.get(key) == content
        }

    def give_back(self, blocks: Iterable[int]) -> None:
        """Blocks lose a holder, in this order."""
        for key in blocks:
            self._clock += 1
            self._given_back[key] = self._clock

    def oldest(self, blocks: Iterable[int], count: int) -> list[int]:
        """Of these blocks the ones that were given back first."""
        return sorted(blocks, key=lambda key: self._given_back.get(key, 0))[:count]


def hit_blocks(result: Json) -> tuple[int, ...]:
    """Block ids of a lookup's result; none if it has another shape."""
    found = result[0] if isinstance(result, list) and result else None
    return tuple(found) if is_ids(found) else ()
