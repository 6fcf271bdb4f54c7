"""Reads machine code: which instructions a compiled kernel has, and what the assembler says of it.

The tools come with the Triton wheel; nothing of a GPU is needed.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import triton

BIN = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
SECONDS = 120.0
_OPCODE = re.compile(r"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)", re.MULTILINE)
_USAGE = {
    "registers": r"Used (\d+) registers",
    "stack": r"(\d+) bytes stack frame",
    "spill_stores": r"(\d+) bytes spill stores",
    "spill_loads": r"(\d+) bytes spill loads",
}
TENSOR_CORE = ("HMMA", "HGMMA", "IMMA", "IGMMA", "QGMMA", "BMMA", "DMMA")
ASYNC = ("LDGSTS", "UTMALDG")
LOADS, STORES = ("LDG", *ASYNC), ("STG", "UTMASTG")


class ToolFailed(RuntimeError):
    """A tool of the wheel did not do its work."""


def opcodes(cubin: bytes) -> Counter[str]:
    """How often each instruction stands in a cubin, with its modifiers.

    Raises:
        ToolFailed: the disassembler did not run.
    """
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        return count_opcodes(_run("nvdisasm", "-c", file.name).stdout)


def count_opcodes(sass: str) -> Counter[str]:
    """How often each instruction stands in disassembled code."""
    return Counter(_OPCODE.findall(sass))


def summary(codes: Counter[str]) -> dict[str, int]:
    """The counts that facts are made of."""

    def total(names: tuple[str, ...], wide: bool | None = None) -> int:
        return sum(
            times
            for code, times in codes.items()
            if code.split(".")[0] in names and (wide is None or _is_wide(code) is wide)
        )

    return {
        "tensor_core": total(TENSOR_CORE),
        "loads_wide": total(LOADS, True),
        "loads_narrow": total(LOADS, False),
        "async_copies": total(ASYNC),
        "stores_wide": total(STORES, True),
        "stores_narrow": total(STORES, False),
        "barriers": total(("BAR",)),
        "instructions": codes.total(),
    }


def assembler_usage(ptx: str) -> dict[str, int]:
    """Registers, stack and spills of each thread, as the assembler tells them.

    Raises:
        ToolFailed: the code could not be assembled.
    """
    match = re.search(r"\.target (sm_\w+)", ptx)
    arch = match[1] if match else "sm_80"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "kernel.ptx")
        source.write_text(ptx, encoding="utf-8")
        arguments = ("-v", f"--gpu-name={arch}", str(source), "-o", f"{folder}/kernel.cubin")
        try:
            said = _run("ptxas", *arguments).stderr
        except ToolFailed:
            said = _run("ptxas-blackwell", *arguments).stderr  # later Tritons, for sm_90 and up
    found = {name: re.search(pattern, said) for name, pattern in _USAGE.items()}
    return {name: int(match[1]) if match else 0 for name, match in found.items()}


def _is_wide(code: str) -> bool:
    """True for 128 bits a thread, and for bulk copies, which take whole lines."""
    return ".128" in code or code.startswith("UTMA")


def _run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / tool), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS)
    except subprocess.CalledProcessError as error:
        raise ToolFailed(f"{tool}: {error.stderr.strip()[:500]}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"{tool} did not run: {error}") from None
