"""A batch's arrays as torch tensors, laid out as its spec asks. For workers and for pasting.

>>> from autograder.paged_batch.tensors import attention_batch
>>> attention_batch(seq_lens=[17], query_lens=[1])["block_table"].shape
torch.Size([2, 3])
"""

from __future__ import annotations

import ctypes
import mmap
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from autograder.paged_batch.draw import Batch, decoy, draw
from autograder.paged_batch.layouts import Place, cache_places
from autograder.paged_batch.spec import BatchSpec, WriteSpec
from autograder.paged_batch.written import decoy_write, new_numbers, old_numbers

MAP_NORESERVE = 0x4000
"""Linux's: the mmap module knows it from Python 3.13 on."""
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Call:
    """Arguments of one call, and the memory that they lie in, by argument.

    `held` says of an argument, by block and offset, where there is anything to be read.
    """

    arguments: Mapping[str, Any]
    memory: Mapping[str, torch.Tensor]
    held: Mapping[str, torch.Tensor] = field(default_factory=dict)


def attention_batch(**fields: Any) -> dict[str, Any]:
    """The arguments of `paged_attention` for a batch, given the fields of BatchSpec."""
    return dict(attention_call(BatchSpec.from_json(fields)).arguments)


def write_batch(**fields: Any) -> dict[str, Any]:
    """The arguments of `write_kv_cache` for a batch, given the fields of WriteSpec."""
    return dict(write_call(WriteSpec.from_json(fields)).arguments)


def attention_call(spec: BatchSpec, batch: Batch | None = None) -> Call:
    """Make the tensors of one call; nobody else has them. Of another batch's numbers, if given."""
    batch, dtype = batch or draw(spec), getattr(torch, spec.dtype)
    caches, memory = _caches([batch.keys, batch.values], spec.layout, dtype)
    room = torch.full((spec.num_tokens, spec.num_heads + spec.query_room, spec.head_size), 1e4)
    query_memory = room.to(dtype)
    query = query_memory[:, : spec.num_heads]
    query.copy_(torch.from_numpy(batch.query))
    rows, columns = batch.table.shape
    table_memory = torch.full((rows, columns * spec.table_step), -(1 << 31), dtype=torch.int32)
    table = table_memory[:, :: spec.table_step]
    table.copy_(torch.from_numpy(batch.table))
    lens = torch.tensor(spec.seq_lens, dtype=torch.int32)
    starts = torch.tensor(spec.starts, dtype=torch.int32)
    arguments = {
        "query": query,
        "key_cache": caches[0],
        "value_cache": caches[1],
        "block_table": table,
        "seq_lens": lens,
        "query_start_loc": starts,
        "scale": batch.scale,
    }
    whole = {"query": query_memory, "block_table": table_memory, "seq_lens": lens}
    held = torch.from_numpy(batch.held)
    readable = {"key_cache": held, "value_cache": held}
    return Call(arguments, {**whole, "query_start_loc": starts, **memory}, readable)


def decoys(spec: BatchSpec | WriteSpec, call: Call) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The memory of a call's floating-point inputs, each with numbers that mean nothing."""
    if isinstance(spec, WriteSpec):
        other, names = write_call(decoy_write(spec)), ["key"]
    else:
        other = attention_call(spec, decoy(spec))
        names = [name for name, one in call.memory.items() if one.is_floating_point()]
    return [(call.memory[name], other.memory[name]) for name in names]


def far_attention_call(spec: BatchSpec) -> Call:
    """The same batch in caches so large that some of its blocks lie beyond 2^31 elements."""
    near = attention_call(spec)
    arguments = dict(near.arguments)
    blocks, *block = arguments["key_cache"].shape
    far = (1 << 31) // int(np.prod(block)) + blocks
    moved = torch.arange(blocks)
    moved[1::2] = far - 1 - moved[1::2]
    for name in ("key_cache", "value_cache"):
        arguments[name] = far_cache(arguments[name], moved.tolist(), far)
    table = arguments["block_table"]
    known = (table >= 0) & (table < blocks)
    arguments["block_table"] = torch.where(known, moved[table.clamp(0, blocks - 1)].int(), table)
    return Call(arguments, {})


def far_cache(cache: torch.Tensor, moved: Sequence[int], num_blocks: int) -> torch.Tensor:
    """A cache of `num_blocks` blocks, those of a small one among them at the places `moved`.

    Addresses are mapped for all of it, memory is used for these blocks alone: the rest cannot be
    written, and holds zeros that cost nothing.
    """
    block_bytes = cache[0].numel() * cache.element_size()
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
    memory = mmap.mmap(-1, num_blocks * block_bytes, flags, mmap.PROT_READ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it cannot be written
        whole = torch.frombuffer(memory, dtype=cache.dtype).view(num_blocks, *cache.shape[1:])
    for old, new in enumerate(moved):
        first = whole[new].data_ptr()
        page = first // mmap.PAGESIZE * mmap.PAGESIZE
        writable = mmap.PROT_READ | mmap.PROT_WRITE
        if LIBC.mprotect(
            ctypes.c_void_p(page), ctypes.c_size_t(first + block_bytes - page), writable
        ):
            raise OSError(ctypes.get_errno(), "mprotect")
        whole[new] = cache[old]
    return whole


def write_call(spec: WriteSpec) -> Call:
    """Make the tensors of one call; nobody else has them."""
    dtype, count = getattr(torch, spec.dtype), len(spec.slots)
    shape = (spec.num_blocks, spec.block_size, spec.num_kv_heads, spec.head_size)
    caches, memory = _caches([np.zeros(shape)] * 2, spec.layout, dtype)
    for piece in memory.values():
        piece.copy_(torch.from_numpy(old_numbers(piece.numel(), spec.dtype)))
    both = torch.from_numpy(new_numbers(spec)).to(dtype)
    if spec.fused_input:
        both = both.transpose(0, 1).contiguous().transpose(0, 1)
    slots = torch.tensor(spec.slots, dtype=torch.int64).view(count)
    arguments = {
        "key": both[0],
        "value": both[1],
        "key_cache": caches[0],
        "value_cache": caches[1],
        "slot_mapping": slots,
    }
    return Call(arguments, {"key": both, "slot_mapping": slots, **memory})


def _caches(
    arrays: Sequence[Any], layout: str, dtype: torch.dtype
) -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
    """K and V as views of memory in which all else is NaN, and that memory."""
    key, value, one_piece = cache_places(arrays[0].shape, layout)
    pieces = [torch.full((key.size,), float("nan")).to(dtype)]
    pieces.append(pieces[0] if one_piece else pieces[0].clone())
    views = [_view(piece, place) for piece, place in zip(pieces, (key, value), strict=True)]
    for view, array in zip(views, arrays, strict=True):
        view.copy_(torch.from_numpy(array))
    names = ("key_cache",) if one_piece else ("key_cache", "value_cache")
    return views, dict(zip(names, pieces, strict=False))


def _view(piece: torch.Tensor, place: Place) -> torch.Tensor:
    return piece.as_strided(place.shape, place.strides, place.start)
