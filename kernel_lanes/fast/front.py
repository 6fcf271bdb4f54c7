"""Triton's front end alone: the kernel's text before any of the compiler's passes.

Unoptimized on purpose: every load and store of the source is still there, so that it does and
counts exactly what the interpreter does.
"""

from __future__ import annotations

from dataclasses import replace

from triton._C.libtriton import ir

from kernel_lanes.compile_errors import in_source_terms
from kernel_lanes.diagnostics import listened
from kernel_lanes.driver import DEFAULT
from kernel_lanes.launching import Bound, Launch


class DoesNotCompile(Exception):
    """The front end refuses the kernel; the message has the place in its source."""


def specialized(launch: Launch) -> Bound:
    """The kernel, specialized to the arguments of one launch for the machine that stands in.

    Raises:
        DoesNotCompile: the arguments do not fit the kernel.
    """
    try:
        return launch.bind(DEFAULT)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is about the kernel
        raise DoesNotCompile(in_source_terms(error, launch.function)) from None


def ttir(launch: Launch, bound: Bound) -> str:
    """Triton's intermediate representation of a launch's kernel.

    Raises:
        DoesNotCompile: the front end refuses the kernel.
    """
    backend = bound.backend
    options = replace(bound.options, debug=True, sanitize_overflow=False)  # debug: tl.device_assert
    context = ir.context()
    ir.load_dialects(context)
    backend.load_dialects(context)
    functions = backend.get_codegen_implementation(options)
    places = (functions, backend.get_module_map(), context)
    try:
        with listened() as heard:
            return str(bound.source.make_ir(DEFAULT, options, *places))
    except Exception as error:  # noqa: BLE001
        told = in_source_terms(error, launch.function, heard.first_error())
        raise DoesNotCompile(told) from None
