"""How a student reads the operations of stage 3: statements to paste, and states in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.program.model import Op
from autograder.protocol.plain import Json

METHODS = {
    "locate": "position_to_block",
    "translate": "position_to_slot",
    "split": "slot_to_block",
    "owner": "find_owner",
    "batch": "compute_slot_mapping",
    "split_all": "split_slots",
    "contiguous": "KVCacheLayout.contiguous",
    "element": "KVCacheLayout.element_offset",
    "elements": "KVCacheLayout.element_offsets",
    "find_element": "KVCacheLayout.locate_element",
    "view": "KVCacheLayout.view",
    "cache": "write_kv",
    "write": "write_kv",
    "write_ones": "write_kv",
    "gather": "gather_kv",
    "clock": "compute_slot_mapping",
}
"""The function of the submission that each operation exercises."""


def to_python(op: Op) -> str:
    """The operation as a statement that a student can paste.

    Raises:
        KeyError: there is no such operation.
    """
    return TEXTS[op.name](**op.args)


def show_state(state: Mapping[str, Json]) -> list[str]:
    """An untrusted state in short phrases: "element 12 became 104"."""
    changed, altered = state.get("changed"), state.get("altered")
    phrases = []
    if isinstance(changed, list):
        phrases = [_change(one) for one in changed[:8]]
        phrases += [f"{len(changed) - 8} more changed"] * (len(changed) > 8)
    if isinstance(altered, list):
        phrases += [f"argument {name} was changed" for name in altered]
    return phrases or ["nothing changed"]


def _change(one: Json) -> str:
    if isinstance(one, list) and len(one) == 2:
        return f"element {one[0]} of the memory became {number(one[1])}"
    return "a change that cannot be shown"


def number(value: Json) -> str:
    """A number of a tensor, without a needless ".0"."""
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else f"{value}"


def _tensor(values: list[int], dtype: str = "int64") -> str:
    return f"tensor({values}{'' if dtype == 'int64' and values else f', dtype={dtype}'})"


def _batch(
    table: list[list[int]],
    lengths: list[int],
    positions: list[int],
    block_size: int,
    columns: int,
    step: int,
) -> str:
    starts = [sum(lengths[:index]) for index in range(len(lengths) + 1)]
    whole = step == 1 and columns == len(table[0])
    part = "" if whole else f"[:, :{columns * step}:{step}]".replace(":1]", "]")
    shown = f"tensor({table}, dtype=int32){part}, {_tensor(starts, 'int32')}"
    return f"compute_slot_mapping({shown}, {_tensor(positions)}, {block_size})"


def _layout(shape: list[int], strides: list[int]) -> str:
    return f"KVCacheLayout({tuple(shape)}, {tuple(strides)})"


def _element(shape: list[int], strides: list[int], index: list[int]) -> str:
    return f"{_layout(shape, strides)}.element_offset({', '.join(map(str, index))})"


def _elements(
    shape: list[int], strides: list[int], layer: int, kv: int, slots: list[int], dtype: str
) -> str:
    return f"{_layout(shape, strides)}.element_offsets({layer}, {kv}, {_tensor(slots, dtype)})"


def _cache(
    shape: list[int],
    strides: list[int],
    order: list[int],
    gap: int,
    start: int,
    dtype: str,
    size: int,
) -> str:
    memory = f"(-1 - torch.arange({size}) % 2000).to(torch.{dtype})"
    return f"cache = {memory}.as_strided({tuple(shape)}, {tuple(strides)}, {start})"


def _write(layer: int, slots: list[int], first: int, fused: bool) -> str:
    heads = "*cache.shape[4:]"
    numbers = f"(torch.arange(2 * {len(slots)} * cache[0, 0, 0, 0].numel()) + {first})"
    numbers += ".to(cache.dtype)"
    if fused:
        both = f"{numbers}.view({len(slots)}, 2, {heads}).unbind(1)"
    else:
        both = f"{numbers}.view(2, {len(slots)}, {heads})"
    return f"write_kv(cache, {layer}, *{both}, {_tensor(slots)})"


def _write_ones(
    layer: int, slots: list[int], keys: list[int], values: list[int], dtype: str
) -> str:
    ones = ", ".join(f"torch.ones({tuple(shape)}{_dtype(dtype)})" for shape in (keys, values))
    return f"write_kv(cache, {layer}, {ones}, {_tensor(slots)})"


def _dtype(dtype: str) -> str:
    return "" if dtype == "float32" else f", dtype=torch.{dtype}"


def _owner(slot: int, tables: list[list[int]], tokens: list[int], block_size: int) -> str:
    return f"find_owner({slot}, {tables}, {tokens}, {block_size})"


def _view(shape: list[int], strides: list[int], size: int) -> str:
    return f"{_layout(shape, strides)}.view(torch.arange({size}))"


TEXTS: Mapping[str, Callable[..., str]] = {
    "locate": lambda position, block_size: f"position_to_block({position}, {block_size})",
    "translate": lambda position, table, block_size: (
        f"position_to_slot({position}, {table}, {block_size})"
    ),
    "split": lambda slot, block_size: f"slot_to_block({slot}, {block_size})",
    "owner": _owner,
    "batch": _batch,
    "split_all": lambda slots, block_size: f"split_slots({_tensor(slots)}, {block_size})",
    "contiguous": lambda shape, order: (
        f"KVCacheLayout.contiguous({tuple(shape)}, {tuple(order)})"
    ),
    "element": _element,
    "elements": _elements,
    "find_element": lambda shape, strides, offset: (
        f"{_layout(shape, strides)}.locate_element({offset})"
    ),
    "view": _view,
    "cache": _cache,
    "write": _write,
    "write_ones": _write_ones,
    "gather": lambda layer, slots: f"gather_kv(cache, {layer}, {_tensor(slots)})",
    "clock": lambda requests, tokens: f"a batch of {requests} requests x {tokens} tokens",
}
"""By operation: the statement, from its arguments."""
