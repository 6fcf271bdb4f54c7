"""Turns tokens into text as they come, without ever sending half a character.

Read next in vLLM: `vllm/v1/engine/detokenizer.py` (`IncrementalDetokenizer`) and
`vllm/tokenizers/detokenizer_utils.py` (`detokenize_incrementally`).
"""

from __future__ import annotations

from server.engine_api import Codec

UNFINISHED = "\ufffd"


class IncrementalDetokenizer:
    """Owns the generated tokens of one request that are not yet text for good.

    What a token decodes to may hang on its neighbours: a character's bytes can be spread over
    tokens, and some tokenizers treat the first token of a text in a way of its own. So the new
    text is what the tokens since the last whole text add to those before them, and a character
    that is not whole yet waits.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._before: list[int] = []
        self._ids: list[int] = []
        self._sent = ""

    def add(self, ids: tuple[int, ...]) -> str:
        """Take tokens; give the text that is certain now and was not given before."""
        self._ids += ids
        text = self._text()
        unfinished = text.endswith(UNFINISHED)
        certain = text.removesuffix(UNFINISHED) if unfinished else text
        new = certain[len(self._sent) :]
        if unfinished:
            self._sent += new
        else:
            self._before, self._ids, self._sent = self._ids, [], ""
        return new

    def flush(self) -> str:
        """Give the rest: U+FFFD for a character that was never finished."""
        rest = self._text()[len(self._sent) :]
        self._before, self._ids, self._sent = [], [], ""
        return rest

    def _text(self) -> str:
        prefix = self._codec.decode(self._before)
        return self._codec.decode(self._before + self._ids)[len(prefix) :]
