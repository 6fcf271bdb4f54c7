"""Says what the compiler has against a kernel in the terms of the kernel's source."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Any

import triton
from triton.compiler.errors import CompilationError

_TRITON = str(Path(triton.__file__).resolve().parent)


def in_source_terms(error: BaseException, kernel: Any) -> str:
    """One line: file:line of the kernel's source, and what is wrong there.

    Args:
        error: what the compiler raised; its causes lead to the innermost place.
        kernel: the kernel that was compiled.
    """
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
    """Where the innermost statement stands; Triton knows it relative to the function's text."""
    if error.src is None or not hasattr(error.node, "lineno"):
        return ""
    match = re.match(r"\s*(?:async\s+)?def\s+(\w+)", error.src.lstrip("\n"))
    file, first = _definition(match[1]) if match else ("", 0)
    return f"{file}:{first + error.node.lineno - 1}" if file else ""


def _definition(name: str) -> tuple[str, int]:
    """File and line of the function called `name`, among those that have been decorated."""
    for function in triton.runtime.jit._triton_jit_function_registry.values():
        if function.fn.__name__ == name and not _is_ours(function):
            return Path(function.fn.__code__.co_filename).name, function.starting_line_number
    return "", 0


def _is_ours(function: Any) -> bool:
    return str(function.fn.__code__.co_filename).startswith(_TRITON)


def _kernel_place(kernel: Any) -> str:
    file = Path(kernel.fn.__code__.co_filename).name
    return f"{file}:{kernel.starting_line_number}"


def _reason(error: BaseException) -> str:
    """What is wrong, without the listing that Triton prints with it."""
    own = getattr(error, "error_message", None)
    if own:
        return " ".join(str(own).split())
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
