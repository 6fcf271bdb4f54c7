"""Runs stage 3's operations on a submission. Works in the worker; what it reports is a claim.

Makes the tensors that an operation names, and turns results into plain data by exact type. The
cache lies in a flat piece of memory of which every element is watched, gaps included.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch

from autograder.protocol.plain import Json
from autograder.worker.driver import Undefined, plain
from autograder.worker.tensors import plain_number, plain_tensor, plain_tensors, same_memory

ERRORS = ("UnmappedPosition", "UnknownSlot", "ValueError")
NUMBERS = 2000
"""Element i of the memory holds -1 - i % NUMBERS at first: exact in every dtype."""
CLOCK_ROUNDS, CLOCK_SECONDS = 20, 0.25
"""A batch is timed so often, but not again once it has taken so long altogether."""


class Driver:
    """One program: at most one cache, and what the last operation changed."""

    ERRORS = ERRORS

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self._modules: Mapping[str, Any] = modules
        self._memory = self._before = torch.empty(0)
        self._kv_cache: Any = None
        self._given: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def apply(self, name: str, args: Mapping[str, Any], binds: str) -> Json:
        """Run one operation; without a cache, none that needs one can be run."""
        self._given = {}
        if self._kv_cache is None and name in ("write", "write_ones", "gather"):
            raise Undefined("cache")
        return getattr(self, f"_{name}")(**args)  # type: ignore[no-any-return]

    def observe(self) -> Mapping[str, Json]:
        """What the last operation changed: elements of the memory, and its arguments."""
        where = (self._memory != self._before).nonzero().flatten().tolist()
        changed = [[at, plain_number(self._memory[at].item())] for at in where]
        self._before = self._memory.clone()
        altered = [name for name, (now, then) in self._given.items() if not torch.equal(now, then)]
        return {"changed": changed, "altered": altered}

    # ---- positions and slots -------------------------------------------------------------------

    def _locate(self, **args: int) -> Json:
        return plain(self._modules["address_translation"].position_to_block(**args))

    def _translate(self, position: int, table: list[int], block_size: int) -> Json:
        translate = self._modules["address_translation"].position_to_slot
        return plain(translate(position, table, block_size))

    def _split(self, **args: int) -> Json:
        return plain(self._modules["address_translation"].slot_to_block(**args))

    def _owner(
        self, slot: int, tables: list[list[int]], tokens: list[int], block_size: int
    ) -> Json:
        find_owner = self._modules["address_translation"].find_owner
        return plain(find_owner(slot, tables, tokens, block_size))

    def _batch(
        self,
        table: list[list[int]],
        lengths: list[int],
        positions: list[int],
        block_size: int,
        columns: int,
        step: int,
    ) -> Json:
        starts = [sum(lengths[:index]) for index in range(len(lengths) + 1)]
        whole = torch.tensor(table, dtype=torch.int32)
        result = self._modules["address_translation"].compute_slot_mapping(
            self._watch("block_table", whole[:, : columns * step : step]),
            self._watch("query_start_loc", torch.tensor(starts, dtype=torch.int32)),
            self._watch("positions", torch.tensor(positions, dtype=torch.int64)),
            block_size,
        )
        return plain_tensor(result, torch.Tensor)

    def _split_all(self, slots: list[int], block_size: int) -> Json:
        split_slots = self._modules["address_translation"].split_slots
        return plain_tensors(split_slots(self._slots("slots", slots), block_size), torch.Tensor)

    # ---- layouts -------------------------------------------------------------------------------

    def _contiguous(self, shape: list[int], order: list[str]) -> Json:
        made = self._modules["kv_cache_layout"].KVCacheLayout.contiguous(tuple(shape), tuple(order))
        return [plain(made.shape), plain(made.strides)]

    def _element(self, shape: list[int], strides: list[int], index: list[int]) -> Json:
        return plain(self._layout(shape, strides).element_offset(*index))

    def _elements(self, slots: list[int], dtype: str, layer: int, kv: int, **layout: Any) -> Json:
        given = self._slots("slots", slots, getattr(torch, dtype))
        result = self._layout(**layout).element_offsets(layer, kv, given)
        return plain_tensor(result, torch.Tensor)

    def _find_element(self, shape: list[int], strides: list[int], offset: int) -> Json:
        return plain(self._layout(shape, strides).locate_element(offset))

    def _view(self, shape: list[int], strides: list[int], size: int) -> Json:
        storage = self._watch("storage", torch.arange(size))
        shown = self._layout(shape, strides).view(storage)
        if type(shown) is not torch.Tensor:
            return plain(shown)
        place = {"first": int(shown.storage_offset()), "shared": same_memory(shown, storage)}
        return {"shape": list(shown.shape), "strides": list(shown.stride()), **place}

    # ---- the cache -----------------------------------------------------------------------------

    def _cache(self, size: int, start: int, dtype: str, **layout: Any) -> Json:
        self._memory = (-1 - torch.arange(size) % NUMBERS).to(getattr(torch, dtype))
        self._before = self._memory.clone()
        self._kv_cache = self._memory.as_strided(layout["shape"], layout["strides"], start)
        return None

    def _write(self, layer: int, slots: list[int], first: int, fused: bool) -> Json:
        count, vector = len(slots), tuple(self._kv_cache.shape[4:])
        numbers = torch.arange(2 * count * math.prod(vector)) + first
        shape = (count, 2, *vector) if fused else (2, count, *vector)
        both = numbers.to(self._kv_cache.dtype).view(shape).unbind(1 if fused else 0)
        return self._store(layer, *both, slots)

    def _write_ones(
        self, layer: int, slots: list[int], keys: list[int], values: list[int], dtype: str
    ) -> Json:
        ones = [torch.ones(shape, dtype=getattr(torch, dtype)) for shape in (keys, values)]
        return self._store(layer, *ones, slots)

    def _gather(self, layer: int, slots: list[int]) -> Json:
        given = self._slots("slot_mapping", slots)
        result = self._modules["kv_cache_ops"].gather_kv(self._kv_cache, layer, given)
        shown = plain_tensors(result, torch.Tensor)
        if not isinstance(shown, list):
            return shown
        tensors = [part for part in result if type(part) is torch.Tensor]
        return [*shown, any(same_memory(part, self._memory) for part in tensors)]

    def _store(self, layer: int, *arguments: Any) -> Json:
        keys, values, slots = arguments
        given = (self._watch("keys", keys), self._watch("values", values))
        write_kv = self._modules["kv_cache_ops"].write_kv
        return plain(write_kv(self._kv_cache, layer, *given, self._slots("slot_mapping", slots)))

    # ---- the clock -----------------------------------------------------------------------------

    def _clock(self, requests: int, tokens: int) -> Json:
        """Seconds that the translation of a batch takes: the least of some rounds."""
        columns = 4096 // 16
        table = torch.arange(requests * columns, dtype=torch.int32).flip(0).view(requests, columns)
        starts = torch.arange(0, requests * tokens + 1, tokens, dtype=torch.int32)
        positions = torch.arange(4096 - tokens, 4096).repeat(requests)
        rounds: list[float] = []
        while len(rounds) < CLOCK_ROUNDS and sum(rounds) < CLOCK_SECONDS:
            start = time.perf_counter()
            self._modules["address_translation"].compute_slot_mapping(table, starts, positions, 16)
            rounds.append(time.perf_counter() - start)
        return min(rounds)

    def _layout(self, shape: list[int], strides: list[int]) -> Any:
        return self._modules["kv_cache_layout"].KVCacheLayout(tuple(shape), tuple(strides))

    def _slots(self, name: str, slots: list[int], dtype: Any = torch.int64) -> torch.Tensor:
        return self._watch(name, torch.tensor(slots, dtype=dtype))

    def _watch(self, name: str, tensor: torch.Tensor) -> torch.Tensor:
        self._given[name] = (tensor, tensor.clone())
        return tensor
