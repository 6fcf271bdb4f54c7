"""From Triton's intermediate representation to a C file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel_lanes.fast import control, memory_ops, products, reductions, tensors
from kernel_lanes.fast.emitter import Emitter, Handler
from kernel_lanes.fast.ir import Type
from kernel_lanes.fast.parse import parse
from kernel_lanes.fast.values import C_TYPES

RUNTIME = Path(__file__).with_name("runtime.h").read_text(encoding="utf-8")
"""Read at import: a confined worker does not see the file."""
HANDLERS: dict[str, Handler] = {
    **tensors.HANDLERS,
    **products.HANDLERS,
    **control.HANDLERS,
    **reductions.HANDLERS,
    **memory_ops.HANDLERS,
}

_MAIN = """
int run_job(struct job *given) {
    job = given; recent = 0;
    int64_t programs = job->grid[0] * job->grid[1] * job->grid[2];
    for (int64_t n = 0; n < programs; n++) {
        int64_t number = job->order ? job->order[n] : n;
        program_id[2] = number % job->grid[2];
        program_id[1] = number / job->grid[2] % job->grid[1];
        program_id[0] = number / job->grid[2] / job->grid[1];
        program_loaded = 0;
        if (run_program()) {
            for (int axis = 0; axis < 3; axis++) job->fault.program[axis] = program_id[axis];
            return 1;
        }
        job->most_loaded = max_int64_t(job->most_loaded, program_loaded);
    }
    return 0;
}
"""


@dataclass(frozen=True)
class Translation:
    """A kernel in C.

    Attributes:
        source: the whole file; it stands alone.
        parameters: the kernel's, by name, in the order in which they are passed.
        sites: source places, by the number that a fault gives.
    """

    source: str
    parameters: tuple[tuple[str, Type], ...]
    sites: tuple[str, ...]


def translate(ttir: str) -> Translation:
    """Translate the text of a module.

    Raises:
        Unsupported: something in it has no translation.
    """
    module = parse(ttir)
    emit = Emitter(module, HANDLERS)
    parameters = module.kernel.parameters
    for place, (name, kind) in enumerate(parameters):
        value = emit.fresh(kind)
        emit.line(f"{value.lane(())} = {_argument(place, kind)};")
        emit.define(name, value)
    control.function_body(emit, module.kernel)
    text = "\n".join(
        (
            RUNTIME,
            "#define ALIGNED __attribute__((aligned(64)))",
            *emit.arrays,
            "static int run_program(void) {",
            *emit.scalars,
            *emit.body,
            "return 0;",
            "}",
            _MAIN,
        )
    )
    return Translation(text, tuple((n.lstrip("%"), t) for n, t in parameters), tuple(emit.sites))


def _argument(place: int, kind: Type) -> str:
    """How a parameter is read from its bit pattern; floats are passed as doubles."""
    bits = f"job->arguments[{place}]"
    if kind.element in ("f16", "bf16"):
        return f"round_{kind.element}(double_of_bits({bits}))"
    if kind.element in ("f32", "f64"):
        return f"({C_TYPES[kind.element]})double_of_bits({bits})"
    return f"({C_TYPES[kind.element]}){bits}"
