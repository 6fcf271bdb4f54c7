"""What a submission returns, as plain data by exact type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.protocol.plain import Json
from autograder.worker.driver import plain

USE = ("used", "reservation", "internal", "external", "free")
USAGE = ("num_used_blocks", "num_shared_blocks", "num_tokens", "num_wasted_slots")
SUMMARY = ("mean_in_system", "arrival_rate", "mean_sojourn")


def fields(value: Any, names: Sequence[str]) -> Json:
    return [plain(getattr(value, name)) for name in names]


def region(value: Any) -> Json:
    return [plain(value.start), plain(value.num_slots)]


def regions(values: Any) -> Json:
    return [region(value) for value in list(values)[:10_000]]


def leaks(values: Any) -> Json:
    return [[plain(leak.request_id), plain(leak.block_id)] for leak in list(values)[:10_000]]


def names(values: Any) -> Json:
    return [plain(value) for value in list(values)[:1000]]


def guarded(read: Any) -> Json:
    """A reading, or the error that it raised: one broken method must not blind all rules."""
    try:
        return read()  # type: ignore[no-any-return]
    except Exception as error:
        return {"error": type(error).__name__}
