"""Calls whose arguments do not fit one another, each in one respect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.paged_batch.tensors import Call, attention_call, write_call

MISFITS: Mapping[str, tuple[str, ...]] = {
    "attention": (
        "query of another dtype",
        "value_cache of another dtype",
        "query of another head size",
        "value_cache of another shape",
        "heads that KV heads do not divide",
        "one start too few",
    ),
    "kv_cache_write": (
        "value of another dtype",
        "key_cache of another dtype",
        "key of another head size",
        "one KV head too few",
        "one slot too many",
        "value_cache of another shape",
    ),
}
"""By module: what does not fit."""


def misfit(module: str, wrong: str) -> Call:
    """A call in order but for one respect.

    Args:
        module: "attention" or "kv_cache_write".
        wrong: one of its MISFITS.
    """
    if module == "attention":
        call = attention_call(BatchSpec((9, 5), (1, 1), num_heads=4, num_kv_heads=2))
    else:
        call = write_call(WriteSpec((3, 8), num_kv_heads=2))
    arguments = dict(call.arguments)
    arguments.update(_CHANGES[wrong](arguments))
    return Call(arguments, call.memory, {})


def misfit_batch(module: str, wrong: str) -> dict[str, Any]:
    """The arguments of such a call, for pasting."""
    return dict(misfit(module, wrong).arguments)


def _half(name: str) -> Any:
    return lambda given: {name: given[name].half()}


def _cut(name: str, axis: int, by: int = 1) -> Any:
    def cut(given: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {name: given[name].narrow(axis, 0, given[name].shape[axis] - by)}

    return cut


def _one_more_slot(given: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {"slot_mapping": torch.tensor([3, 8, 9])}


_CHANGES: Mapping[str, Any] = {
    "query of another dtype": _half("query"),
    "value_cache of another dtype": _half("value_cache"),
    "query of another head size": _cut("query", 2, 32),
    "value_cache of another shape": _cut("value_cache", 1),
    "heads that KV heads do not divide": _cut("query", 1),
    "one start too few": _cut("query_start_loc", 0),
    "value of another dtype": _half("value"),
    "key_cache of another dtype": _half("key_cache"),
    "key of another head size": _cut("key", 2, 32),
    "one KV head too few": _cut("key", 1),
    "one slot too many": _one_more_slot,
}
