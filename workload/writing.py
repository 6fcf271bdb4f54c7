"""Writes a trace in one of the public formats, so that any tool that replays those can use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from workload.mooncake import BLOCK_TOKENS
from workload.trace import Trace, WorkloadError


def write_trace(trace: Trace, file: Path) -> None:
    """Write a trace; `read_trace` gives it back, its arrivals rounded to a millisecond in JSONL.

    Args:
        trace: to be written.
        file: `.csv` (Azure's columns, time in seconds; shared blocks are lost) or `.jsonl`
            (Mooncake's; only a trace with blocks of its size has what the format asks for).

    Raises:
        WorkloadError: the name ends otherwise, the trace has no such blocks, or the disk refuses.
    """
    if file.suffix == ".csv":
        lines = _csv(trace)
    elif file.suffix == ".jsonl" and trace.block_tokens == BLOCK_TOKENS:
        lines = _jsonl(trace)
    elif file.suffix == ".jsonl":
        raise WorkloadError(f"{file}: {trace.name} has no blocks to share; write a .csv")
    else:
        raise WorkloadError(f"{file}: name it .csv, or .jsonl for a trace with shared blocks")
    try:
        file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise WorkloadError(f"{file}: cannot be written: {error.strerror}") from error


def _csv(trace: Trace) -> Iterator[str]:
    yield "TIMESTAMP,ContextTokens,GeneratedTokens"
    for request in trace.requests():
        yield f"{request.arrival:.6f},{request.prompt_tokens},{request.output_tokens}"


def _jsonl(trace: Trace) -> Iterator[str]:
    for request in trace.requests():
        yield json.dumps(
            {
                "timestamp": round(request.arrival * 1000),
                "input_length": request.prompt_tokens,
                "output_length": request.output_tokens,
                "hash_ids": list(request.blocks),
            }
        )
