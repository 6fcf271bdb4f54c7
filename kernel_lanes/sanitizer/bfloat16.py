"""Right bfloat16 in Triton's interpreter, which takes its bit patterns for whole numbers.

Values are widened to float32, computed there, and rounded to nearest even. Triton knows of it and
does not mean to change it (triton-lang/triton issue 11584).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import triton.language as tl
import triton.runtime.interpreter as interpreter

from kernel_lanes.patching import Patches

Handle = Any
Bits = np.ndarray[Any, np.dtype[np.uint16]]
Floats = np.ndarray[Any, np.dtype[np.float32]]

COMPUTED = ("create_fma", "create_rsqrt", "create_erf")
"""Builder methods that compute without going through `binary_op`, `unary_op` or `ternary_op`."""


def widened(bits: Bits) -> Floats:
    """The numbers that bfloat16 bit patterns stand for."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


def rounded(numbers: Floats) -> Bits:
    """Bit patterns of the nearest bfloat16 numbers, ties to even; NaN stays NaN."""
    bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
    even = (bits >> np.uint32(16)) & np.uint32(1)
    near = ((bits + np.uint32(0x7FFF) + even) >> np.uint32(16)).astype(np.uint16)
    return np.where(np.isnan(numbers), np.uint16(0x7FC0), near).reshape(np.shape(numbers))


def install(patches: Patches) -> None:
    """Put it in force until the patches are undone; nothing if it is in force already."""
    builder = interpreter.InterpreterBuilder
    if builder.binary_op.__module__ == __name__:
        return
    patches.add(builder, "get_bf16", _constant)
    for name in ("binary_op", "unary_op", "ternary_op"):
        patches.set(builder, name, _with_operation(getattr(builder, name)))
    for name in COMPUTED:
        patches.set(builder, name, _computed(getattr(builder, name)))
    patches.set(builder, "create_dot", _dot(builder.create_dot))
    cast = _cast(builder.cast_impl)
    patches.set(builder, "cast_impl", cast)
    patches.set(builder, "create_fp_to_fp", _fp_to_fp(builder.create_fp_to_fp, cast))
    for operations in (interpreter.ReduceOps, interpreter.ScanOps):
        patches.set(operations, "apply_impl", _over_axis(operations.apply_impl))


def _constant(builder: Any, value: float) -> Handle:
    return interpreter.TensorHandle(rounded(np.array([value], np.float32)), tl.bfloat16)


def _is_bfloat16(handle: Handle) -> bool:
    return isinstance(handle, interpreter.TensorHandle) and handle.dtype.scalar == tl.bfloat16


def _wide(handle: Handle) -> Handle:
    if not _is_bfloat16(handle) or handle.data.dtype != np.uint16:
        return handle
    return interpreter.TensorHandle(widened(handle.data), tl.float32)


def _narrow(handle: Handle) -> Handle:
    if handle.data.dtype != np.float32:
        return handle  # a comparison's result
    return interpreter.TensorHandle(rounded(handle.data), tl.bfloat16)


def _computed(original: Any) -> Any:
    def compute(builder: Any, *operands: Handle) -> Handle:
        if not any(map(_is_bfloat16, operands)):
            return original(builder, *operands)
        return _narrow(original(builder, *map(_wide, operands)))

    return compute


def _with_operation(original: Any) -> Any:
    """For methods whose last argument is the numpy function to apply."""

    def compute(builder: Any, *arguments: Any) -> Handle:
        *operands, function = arguments
        if function is np.where or not any(map(_is_bfloat16, operands)):
            return original(builder, *arguments)
        return _narrow(original(builder, *map(_wide, operands), function))

    return compute


def _dot(original: Any) -> Any:
    def dot(builder: Any, a: Handle, b: Handle, d: Handle, *rest: Any) -> Handle:
        out = original(builder, _wide(a), _wide(b), _wide(d), *rest)
        return _narrow(out) if _is_bfloat16(d) else out

    return dot


def _cast(original: Any) -> Any:
    def cast(builder: Any, source: Handle, kind: Any) -> Handle:
        if kind.scalar == tl.bfloat16 and not _is_bfloat16(source):
            return interpreter.TensorHandle(rounded(source.data.astype(np.float32)), tl.bfloat16)
        if _is_bfloat16(source) and kind.scalar != tl.bfloat16:
            wide = _wide(source)
            return wide if kind.scalar == tl.float32 else original(builder, wide, kind)
        return original(builder, source, kind)

    return cast


def _fp_to_fp(original: Any, cast: Any) -> Any:
    nearest = (None, interpreter._ir.ROUNDING_MODE.RTNE)

    def convert(builder: Any, source: Handle, kind: Any, rounding: Any) -> Handle:
        wide_enough = source.dtype.scalar.primitive_bitwidth > 8 < kind.scalar.primitive_bitwidth
        if wide_enough and rounding in nearest:
            return cast(builder, source, kind)
        return original(builder, source, kind, rounding)

    return convert


def _over_axis(original: Any) -> Any:
    """For reductions and scans: they take and give tensors instead of handles."""

    def apply(operation: Any, given: Any) -> Any:
        tensors = given if isinstance(given, tuple | list) else (given,)
        if not any(one.dtype.scalar == tl.bfloat16 for one in tensors):
            return original(operation, given)
        out = original(operation, tuple(map(_wide_tensor, tensors)))
        several = isinstance(out, tuple | list)
        pairs = zip(out if several else (out,), tensors, strict=False)
        results = [_narrow_tensor(one) if _was(like) else one for one, like in pairs]
        return results if several else results[0]

    return apply


def _was(tensor: Any) -> bool:
    return bool(tensor.dtype.scalar == tl.bfloat16)


def _wide_tensor(tensor: Any) -> Any:
    return _like(tensor, _wide(tensor.handle), tl.float32) if _was(tensor) else tensor


def _narrow_tensor(tensor: Any) -> Any:
    return _like(tensor, _narrow(tensor.handle), tl.bfloat16)


def _like(tensor: Any, handle: Handle, kind: Any) -> Any:
    shape = list(tensor.shape)
    return tl.core.tensor(handle, tl.block_type(kind, shape) if shape else kind)
