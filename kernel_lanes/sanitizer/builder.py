"""Where the interpreter's builder touches memory: tells the running launch of it first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import triton.language as tl
import triton.runtime.interpreter as interpreter

from kernel_lanes.patching import Patches

Handle = Any


class Listener(Protocol):
    """Has the launch that is under way."""

    running: Any


def install(patches: Patches, listener: Listener) -> None:
    """Have `listener.running` hear of every access, product and program until undone."""
    kind = interpreter.InterpreterBuilder
    patches.set(kind, "create_masked_load", _load(kind.create_masked_load, listener))
    patches.set(kind, "create_masked_store", _store(kind.create_masked_store, listener))
    patches.set(kind, "create_atomic_rmw", _rmw(kind.create_atomic_rmw, listener))
    patches.set(kind, "create_atomic_cas", _cas(kind.create_atomic_cas, listener))
    patches.set(kind, "create_dot", _dot(kind.create_dot, listener))
    options = replace(interpreter.interpreter_builder.options, debug=True, sanitize_overflow=False)
    patches.set(interpreter.interpreter_builder, "options", options)  # debug: tl.device_assert
    patches.set(kind, "create_assert", lambda _, holds, text: listener.running.holds(holds, text))
    set_index = kind.set_grid_idx

    def set_grid_dim(builder: Any, *grid: int) -> None:
        builder.grid_dim = tuple(map(int, grid))
        listener.running.begin(builder.grid_dim)

    patches.set(kind, "set_grid_dim", set_grid_dim)
    patches.set(
        kind,
        "set_grid_idx",
        lambda builder, *_: set_index(builder, *listener.running.next_program()),
    )


def undefined(pointers: Handle) -> Handle:
    """What a masked-off lane gives that was given no `other`: a value that is wrong everywhere."""
    element = pointers.get_element_ty()
    numpy_type = interpreter._get_np_dtype(element)
    value: Any = False
    if element == tl.bfloat16:
        value = 0x7FC0
    elif numpy_type.kind == "f":
        value = np.nan
    elif numpy_type.kind in "iu":
        value = min(int(np.iinfo(numpy_type).max), 1 << 30)
    return interpreter.TensorHandle(np.full(pointers.data.shape, value, numpy_type), element)


def _active(pointers: Handle, mask: Any) -> Any:
    """Addresses of the active lanes, flat."""
    # `&` of a tensor's comparison and a scalar's is a number in the interpreter, not a boolean.
    on = np.broadcast_to(np.asarray(getattr(mask, "data", mask), bool), pointers.data.shape)
    return pointers.data[on] if not on.all() else pointers.data.ravel()


def _size(pointers: Handle) -> int:
    return max(1, int(pointers.get_element_ty().primitive_bitwidth) // 8)


def _as_handle(pointers: Handle, mask: Any) -> Handle:
    """The mask as a handle: block pointers and descriptors give a bare array."""
    if isinstance(mask, interpreter.TensorHandle):
        return mask
    return interpreter.TensorHandle(np.broadcast_to(mask, pointers.data.shape), tl.int1)


def _load(original: Any, listener: Listener) -> Any:
    def load(
        builder: Any, pointers: Handle, mask: Any, other: Handle, *rest: Any, **named: Any
    ) -> Handle:
        lanes = _active(pointers, mask)
        listener.running.load(lanes, _size(pointers))
        if other is None and lanes.size != pointers.data.size:
            other = undefined(pointers)
        return original(builder, pointers, _as_handle(pointers, mask), other, *rest, **named)

    return load


def _store(original: Any, listener: Listener) -> Any:
    def store(builder: Any, pointers: Handle, value: Handle, mask: Any, *rest: Any) -> Any:
        listener.running.store(_active(pointers, mask), _size(pointers))
        return original(builder, pointers, value, _as_handle(pointers, mask), *rest)

    return store


def _rmw(original: Any, listener: Listener) -> Any:
    def rmw(
        builder: Any, op: Any, pointers: Handle, value: Handle, mask: Handle, *rest: Any
    ) -> Any:
        listener.running.atomic(_active(pointers, mask), _size(pointers))
        return original(builder, op, pointers, value, mask, *rest)

    return rmw


def _cas(original: Any, listener: Listener) -> Any:
    def cas(builder: Any, pointers: Handle, *rest: Any) -> Any:
        listener.running.atomic(pointers.data.ravel(), _size(pointers))
        return original(builder, pointers, *rest)

    return cas


def _dot(original: Any, listener: Listener) -> Any:
    def dot(builder: Any, a: Handle, b: Handle, *rest: Any) -> Handle:
        listener.running.dot(2 * a.data.size * b.data.shape[-1])
        return original(builder, a, b, *rest)

    return dot
