"""Says what the compiler has against a kernel in the terms of the kernel's source."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Any

import triton
from triton.compiler.errors import CompilationError
from triton.runtime.jit import _triton_jit_function_registry, get_jit_fn_file_line

_TRITON = str(Path(triton.__file__).resolve().parent)


def in_source_terms(error: BaseException, kernel: Any, written: str = "") -> str:
    """One line: file:line of the kernel's source, and what is wrong there.

    Args:
        error: what the compiler raised; its causes lead to the innermost place.
        kernel: the kernel that was compiled.
        written: what it wrote of it with a place, which is nearer than any exception.
    """
    if written:
        return written
    chain = [error]
    while (cause := chain[-1].__cause__) is not None and cause not in chain:
        chain.append(cause)
    place, message = _kernel_place(kernel), ""
    for one in chain:
        if isinstance(one, CompilationError):
            place = _line_of(one) or place
        text = _reason(one)
        message = text or message
    return f"{place}: {message or type(error).__name__}"


def _line_of(error: Any) -> str:
    """Where the innermost statement stands; Triton knows it relative to its function's text."""
    if error.src is None or not hasattr(error.node, "lineno"):
        return ""
    for function in _triton_jit_function_registry.values():
        if function.src == error.src and not _is_ours(function):
            file, first = get_jit_fn_file_line(function)
            return f"{Path(file).name}:{first + error.node.lineno - 1}"
    return ""


def _is_ours(function: Any) -> bool:
    return str(function.fn.__code__.co_filename).startswith(_TRITON)


def _kernel_place(kernel: Any) -> str:
    file, line = get_jit_fn_file_line(kernel)
    return f"{Path(file).name}:{line}"


def _reason(error: BaseException) -> str:
    """What is wrong, without the listing that Triton prints with it."""
    own = getattr(error, "error_message", None)
    if own:
        told = " ".join(str(own).split())
        wrapped = re.fullmatch(r"(?:AssertionError|NameError|ValueError)\((['\"])(.*)\1\)", told)
        return wrapped[2] if wrapped else told
    if isinstance(error, CompilationError):
        return ""
    kind = type(error).__name__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if kind == "OutOfResources":
        return lines[0] if lines else kind
    told = " ".join(lines)[:400]
    plain = isinstance(error, AssertionError | ValueError | TypeError | RuntimeError)
    return told if told and plain else f"{kind}: {told}" if told else _innermost(error)


def _innermost(error: BaseException) -> str:
    """For an error without words: its type and the last line of its traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in Triton's {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}"
