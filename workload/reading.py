"""Reads public trace files: the format is told by the name, with or without `.gz`."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from workload.azure import parse_azure
from workload.mooncake import parse_mooncake
from workload.trace import Trace, WorkloadError

PARSERS = {".csv": parse_azure, ".jsonl": parse_mooncake}


def read_trace(file: Path) -> Trace:
    """Read a trace.

    Args:
        file: `.csv` in the format of the Azure LLM inference traces, `.jsonl` in Mooncake's.

    Returns:
        Its requests in order of arrival; the first arrives at 0 seconds.

    Raises:
        WorkloadError: the file cannot be read, or a line is not a request; it names file and line.
    """
    plain = file.with_suffix("") if file.suffix == ".gz" else file
    if plain.suffix not in PARSERS:
        raise WorkloadError(f"{file}: a trace is named .csv or .jsonl, with or without .gz")
    try:
        return PARSERS[plain.suffix](str(file), _lines(file))
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise WorkloadError(f"{file}: cannot be read: {reason}") from error
    except UnicodeDecodeError as error:
        raise WorkloadError(f"{file}: not a text in UTF-8") from error


def _lines(file: Path) -> Iterator[str]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8-sig", newline="") as stream:
        yield from stream
