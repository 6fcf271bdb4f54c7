"""Mooncake traces: one JSON object a line, with hashes of the blocks of its prompt."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from workload.records import Bad, build_trace, tokens
from workload.trace import Request, Trace, WorkloadError

BLOCK_TOKENS = 512
"""Tokens that one of `hash_ids` stands for."""


def parse_mooncake(file: str, lines: Iterator[str]) -> Trace:
    """Read the lines of a file; `file` is its name for messages.

    Raises:
        WorkloadError: a line is not a request.
    """
    requests = []
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                requests.append(_request(line))
        except Bad as error:
            raise WorkloadError(f"{file}:{number}: {error}") from error
    return build_trace(file, requests, BLOCK_TOKENS)


def _request(line: str) -> Request:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Bad("not a JSON object") from error
    if not isinstance(content, dict):
        raise Bad("not a JSON object")
    missing = [key for key in _KEYS if key not in content]
    if missing:
        raise Bad(f"no {missing[0]}; a request has {', '.join(_KEYS)}")
    time, blocks = content["timestamp"], content["hash_ids"]
    if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
        raise Bad(f"timestamp must be milliseconds, not {str(time)[:40]!r}")
    if not isinstance(blocks, list) or not all(type(block) is int for block in blocks):
        raise Bad("hash_ids must be a list of whole numbers")
    lengths = (tokens(content[key], key) for key in ("input_length", "output_length"))
    prompt, output = lengths
    if not prompt // BLOCK_TOKENS <= len(blocks) <= -(-prompt // BLOCK_TOKENS):
        raise Bad(f"{len(blocks)} hash_ids do not cover {prompt} tokens in blocks of 512")
    return Request(time / 1000, prompt, output, tuple(blocks))


_KEYS = ("timestamp", "input_length", "output_length", "hash_ids")
