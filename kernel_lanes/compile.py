"""Compiles captured launches for GPUs that are not there, and reads what came out."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import triton
from triton.backends.compiler import GPUTarget

from kernel_lanes import machine_code
from kernel_lanes.compile_errors import in_source_terms
from kernel_lanes.diagnostics import Diagnostics, listened
from kernel_lanes.facts import KernelFacts
from kernel_lanes.launching import Launch
from kernel_lanes.tile_limit import limited

TARGETS = ("sm_80", "sm_90")
WARP = {"cuda": 32, "hip": 64}


def compile_launches(
    launches: Iterable[Launch], targets: Sequence[str] = TARGETS
) -> list[KernelFacts]:
    """Compile each different kernel of `launches` for each target.

    A kernel that several launches specialize alike is compiled once; its facts are given for the
    launch with the fewest programs, which is the one that fills a machine least.
    """
    facts: list[KernelFacts] = []
    fewest_first = sorted(launches, key=lambda one: one.grid[0] * one.grid[1] * one.grid[2])
    with _writable_cache():
        for target in targets:
            made: dict[str, KernelFacts] = {}
            for launch in fewest_first:
                key, found = _compile(launch, target)
                made.setdefault(key, found)
            facts += made.values()
    return facts


@contextmanager
def _writable_cache() -> Iterator[None]:
    """Let Triton keep what it compiles where it always does, or, if it cannot, for this once."""
    home = Path(triton.knobs.cache.dir)
    while not home.exists():
        home = home.parent
    if os.access(home, os.W_OK):
        yield
        return
    with tempfile.TemporaryDirectory() as folder, triton.knobs.cache.scope():
        triton.knobs.cache.dir = folder
        yield


def gpu_target(name: str) -> GPUTarget:
    """The compiler's target for a name such as sm_80 or gfx942."""
    if name.startswith("sm_"):
        return GPUTarget("cuda", int(name[3:]), WARP["cuda"])
    return GPUTarget("hip", name, WARP["hip"])


def _compile(launch: Launch, target: str) -> tuple[str, KernelFacts]:
    """A key of what was compiled, and what came of it."""
    warps = int(launch.options.get("num_warps", 4))
    facts = KernelFacts(launch.kernel, target, launch.grid, warps)
    machine = gpu_target(target)
    heard = Diagnostics()
    try:
        with listened() as heard, limited():
            bound = launch.bind(machine)
            compiled = triton.compile(bound.source, target=machine, options=bound.options.__dict__)
    except Exception as error:  # noqa: BLE001 - whatever the compiler raises is about the kernel
        message = in_source_terms(error, launch.function, heard.first_error())
        return f"{launch.kernel}: {message}", replace(facts, error=message)
    tf32 = len(re.findall(r"inputPrecision = tf32 : tensor<\w+xf32[,>]", compiled.asm["ttir"]))
    facts = replace(facts, shared=int(compiled.metadata.shared), tf32=tf32)
    return compiled.hash, replace(facts, **_counts(compiled.asm))


def _counts(made: Mapping[str, Any]) -> dict[str, Any]:
    """What the assembler and the machine code say, by the facts' names."""
    if "amdgcn" in made:
        return _amd(made["amdgcn"])
    codes = machine_code.summary(machine_code.opcodes(made["cubin"]))
    return {**machine_code.assembler_usage(made["ptx"]), **codes}


def _amd(assembly: str) -> dict[str, int]:
    """The same facts from AMD's assembly, as far as it has them."""

    def noted(name: str) -> int:
        match = re.search(rf"\.{name}:\s+(\d+)", assembly)
        return int(match[1]) if match else 0

    codes = re.findall(r"^\t([a-z]\w+)", assembly, re.MULTILINE)
    wide = ("global_load_dwordx4", "buffer_load_dwordx4")
    loads = [one for one in codes if one.startswith(("global_load", "buffer_load"))]
    stores = [one for one in codes if one.startswith(("global_store", "buffer_store"))]
    return {
        "registers": noted("vgpr_count"),
        "stack": noted("private_segment_fixed_size"),
        "spill_stores": 4 * noted("vgpr_spill_count"),
        "tensor_core": sum("mfma" in one for one in codes),
        "loads_wide": sum(one in wide for one in loads),
        "loads_narrow": sum(one not in wide for one in loads),
        "stores_wide": sum("dwordx4" in one for one in stores),
        "stores_narrow": sum("dwordx4" not in one for one in stores),
        "barriers": sum(one == "s_barrier" for one in codes),
        "instructions": len(codes),
    }
