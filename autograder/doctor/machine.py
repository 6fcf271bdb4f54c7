"""Checks of the machine: system, GPU, C compiler, isolation, terminal, disk and memory.

Each check is given what was observed and judges it; sizes are in bytes.
"""

from __future__ import annotations

from pathlib import Path

from autograder.doctor.child import Outcome
from autograder.doctor.finding import Finding

GIB = 1 << 30
MIN_DISK = GIB  # reports, copies of submissions and Triton's cache
MIN_MEMORY = 2 * GIB  # one worker with torch, the judge, and what a stage may use


def system(name: str, processor: str, cores: int) -> Finding:
    """Judges the operating system: Linux alone can keep submissions apart and has Triton."""
    says = f"{name}, {processor}, {cores} core{'' if cores == 1 else 's'}"
    if name != "Linux":
        do = "for all stages and real isolation use Linux (WSL 2, a container, a course machine)"
        return Finding("system", "warn", says, do)
    return Finding("system", "ok", says)


def gpu(probe: Outcome, smi: str | None, torch_has_cuda: bool) -> Finding:
    """Judges what the CUDA driver said. No GPU is no fault: stage 4 is graded without one.

    Args:
        probe: the child that asked the driver.
        smi: the first line of `nvidia-smi -L`, or None where that gave nothing.
        torch_has_cuda: whether the installed torch can use a GPU.
    """
    answer = probe.step("driver")
    devices = answer.get("devices") if answer is not None else None
    if isinstance(devices, list) and devices:
        first = devices[0]
        says = f"{first['name']}, {first['bytes'] / GIB:.0f} GiB, sm {first['capability']}"
        if len(devices) > 1:
            says += f", and {len(devices) - 1} more"
        if not torch_has_cuda:
            do = "install a torch build for CUDA to grade on it; without, it is not used"
            return Finding("GPU", "warn", f"{says}, but torch here cannot use it", do)
        return Finding("GPU", "ok", says)
    if smi is not None or probe.step("refused") is not None or probe.code != 0:
        why = _refusal(probe)
        do = "mend the driver (container: pass the GPU in); until then grading does without"
        return Finding("GPU", "warn", f"there is a driver but it gives no GPU: {why}", do)
    return Finding("GPU", "ok", "none, and none is needed: stage 4 is compiled and counted instead")


def _refusal(probe: Outcome) -> str:
    refused = probe.step("refused")
    if refused is not None:
        return f"cuInit says {refused['code']}"
    if probe.step("no-library") is not None:
        return "libcuda.so.1 is missing"
    return "it lists none" if probe.code == 0 else probe.reason()


def c_compiler(path: str | None, has_gpu: bool) -> Finding:
    """Judges whether there is a C compiler: for large batches, and for Triton on a GPU."""
    if path is not None:
        return Finding("C compiler", "ok", path)
    do = "install gcc (Debian or Ubuntu: sudo apt install gcc)"
    wanted = "; Triton needs one to use the GPU" if has_gpu else ""
    says = f"none: stage 4 is graded without its lane 'fast'{wanted}"
    return Finding("C compiler", "warn", says, do)


def isolation(tier: str, says: str) -> Finding:
    """Judges the tier that the grader's own probe measured; `says` is its account in words."""
    if tier in ("namespaces", "landlock"):
        return Finding("isolation", "ok", says)
    do = (
        "fine for your own work; before grading other people's, use Linux 5.13 or newer"
        " and allow unprivileged user namespaces"
    )
    return Finding("isolation", "warn", says, do)


def terminal(encoding: str, is_terminal: bool, columns: int) -> Finding:
    """Judges whether reports can be shown in full; they fall back to ASCII."""
    where = f"{columns} columns" if is_terminal else "not a terminal"
    if encoding.lower().replace("-", "") != "utf8":
        do = "set LANG=C.UTF-8 for prettier reports; nothing else changes"
        return Finding("terminal", "warn", f"{encoding}, {where}: reports use ASCII only", do)
    return Finding("terminal", "ok", f"UTF-8, {where}")


def disk(free: int, place: str) -> Finding:
    """Judges the free disk space at `place`."""
    says = f"{free / GIB:.1f} GiB free in {place}"
    if free < MIN_DISK:
        return Finding("disk", "warn", says, f"free at least {MIN_DISK // GIB} GiB")
    return Finding("disk", "ok", says)


def memory(available: int | None) -> Finding:
    """Judges the memory that a run could use now; None = this system does not say."""
    if available is None:
        return Finding("memory", "ok", "not known on this system")
    says = f"{available / GIB:.1f} GiB available"
    if available < MIN_MEMORY:
        return Finding("memory", "warn", says, "close other programs, or grade one stage at a time")
    return Finding("memory", "ok", says)


def available_memory(
    meminfo: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Returns the bytes that can still be used, within the container's limit, or None."""
    if not meminfo.is_file():
        return None
    lines = (line.split() for line in meminfo.read_text().splitlines())
    kilobytes = {line[0]: int(line[1]) for line in lines if len(line) > 1}
    available = kilobytes.get("MemAvailable:")
    if available is None:
        return None
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
    except (OSError, ValueError):  # no such group, or "max": no limit
        return available * 1024
    return min(available * 1024, max(0, limit - used))
