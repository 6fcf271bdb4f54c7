"""Every check of the machine: what is well, and each failing branch with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.doctor import machine
from autograder.doctor.child import Outcome
from tests.doctor.judging import bad, steps

GPU: dict[str, object] = {
    "step": "driver",
    "devices": [{"name": "A100", "bytes": 80 << 30, "capability": "8.0"}],
}


def test_a_system_other_than_linux_warns() -> None:
    assert machine.system("Linux", "x86_64", 2).status == "ok"
    bad(machine.system("Darwin", "arm64", 8), "warn", "Linux")


def test_no_gpu_is_no_fault() -> None:
    assert machine.gpu(steps({"step": "no-library"}), None, False).status == "ok"


def test_a_gpu_that_torch_can_use_is_ok() -> None:
    finding = machine.gpu(steps(GPU), "GPU 0: A100", True)
    assert (finding.status, finding.says) == ("ok", "A100, 80 GiB, sm 8.0")


def test_a_gpu_with_a_cpu_torch_warns() -> None:
    bad(machine.gpu(steps(GPU), None, False), "warn", "A100", "torch")


@pytest.mark.parametrize(
    ("probe", "smi", "word"),
    [
        (steps({"step": "refused", "code": 999}), None, "999"),
        (steps({"step": "no-library"}), "GPU 0: A100", "libcuda"),
        (steps(code=-11), None, "crashed"),
        (steps(code=None), None, "in time"),
        (steps({"step": "driver", "devices": []}), "GPU 0: A100", "none"),
    ],
)
def test_a_driver_that_gives_no_gpu_warns(probe: Outcome, smi: str | None, word: str) -> None:
    bad(machine.gpu(probe, smi, True), "warn", word)


def test_a_missing_c_compiler_costs_a_lane_and_matters_most_with_a_gpu() -> None:
    assert machine.c_compiler("/usr/bin/gcc", True).status == "ok"
    bad(machine.c_compiler(None, False), "warn", "apt install gcc")
    assert "lane" in machine.c_compiler(None, False).says
    bad(machine.c_compiler(None, True), "warn", "apt install gcc")


def test_only_real_isolation_is_ok() -> None:
    assert machine.isolation("namespaces", "namespaces (no network)").status == "ok"
    assert machine.isolation("landlock", "landlock (no network)").status == "ok"
    bad(machine.isolation("uid", "uid"), "warn", "other people's")
    bad(machine.isolation("limits", "limits (honour system)"), "warn", "honour", "namespaces")


def test_a_terminal_without_utf8_warns_and_nothing_else_changes() -> None:
    assert machine.terminal("UTF-8", True, 100).status == "ok"
    assert machine.terminal("utf8", False, 80).status == "ok"
    bad(machine.terminal("ANSI_X3.4-1968", True, 80), "warn", "ASCII", "LANG=C.UTF-8")


def test_little_disk_and_memory_warn() -> None:
    assert machine.disk(machine.MIN_DISK, "/home").status == "ok"
    bad(machine.disk(machine.MIN_DISK - 1, "/home"), "warn", "/home")
    assert machine.memory(machine.MIN_MEMORY).status == "ok"
    assert machine.memory(None).status == "ok"
    bad(machine.memory(machine.MIN_MEMORY - 1), "warn", "available")


def test_memory_is_the_smaller_of_the_machines_and_the_containers(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 4000 kB\nMemAvailable: 1000 kB\nHugePages_Total: 0\n")
    assert machine.available_memory(meminfo, tmp_path) == 1000 * 1024
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("2000\n")
    assert machine.available_memory(meminfo, tmp_path) == 3000
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.available_memory(meminfo, tmp_path) == 1000 * 1024
    assert machine.available_memory(tmp_path / "no", tmp_path) is None
