"""Every check of the software: what is well, and each failing branch with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.doctor import toolchain
from autograder.doctor.finding import Finding, guarded
from tests.doctor.judging import bad, steps

NOT_INSTALLED = "ModuleNotFoundError: No module named 'torch'"
TORCH: dict[str, object] = {"step": "torch", "version": "2.13.0", "cuda": None}
TRITON: dict[str, object] = {"step": "triton", "version": "3.7.1"}


def test_python_in_range_is_ok() -> None:
    assert toolchain.python((3, 12, 1), True) == Finding("Python", "ok", "3.12.1")


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 15, 0), (3, 14, 1)])
def test_python_out_of_range_fails(version: tuple[int, int, int]) -> None:
    bad(toolchain.python(version, True), "fail", "3.11 to 3.14")


def test_a_python_that_nobody_has_tried_warns() -> None:
    bad(toolchain.python((3, 14, 2), True), "warn", "3.13")


def test_python_outside_an_environment_warns() -> None:
    bad(toolchain.python((3, 11, 7), False), "warn", "make setup")


def pinned(tmp_path: Path, lock: str) -> Finding:
    (tmp_path / "requirements.txt").write_text(lock)
    info = tmp_path / "one-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: one\nVersion: 1.0\n")
    return toolchain.packages(tmp_path / "requirements.txt", tmp_path, frozenset({"torch"}))


def test_packages_as_pinned_are_ok_whether_or_not_torch_is_there(tmp_path: Path) -> None:
    assert pinned(tmp_path, "one==1.0\ntorch==2.13.0\n").status == "ok"


def test_a_missing_package_fails_by_name(tmp_path: Path) -> None:
    bad(pinned(tmp_path, "one==1.0\ntwo==2.0\n"), "fail", "missing: two", "make setup")


def test_another_version_warns_with_both_versions(tmp_path: Path) -> None:
    bad(pinned(tmp_path, "one==1.1\n"), "warn", "one 1.0 instead of 1.1", "make setup")


def test_a_grader_without_a_lock_warns(tmp_path: Path) -> None:
    bad(toolchain.packages(tmp_path / "no.txt", tmp_path, frozenset()), "warn", "not compared")


def test_torch_that_imports_is_ok_and_names_its_build() -> None:
    assert "CPU build" in toolchain.torch(steps(TORCH)).says
    assert "CUDA 13.0" in toolchain.torch(steps({**TORCH, "cuda": "13.0"})).says


def test_torch_that_does_not_import_fails_with_the_reason() -> None:
    bad(toolchain.torch(steps(code=1, errors=NOT_INSTALLED)), "fail", NOT_INSTALLED, "make setup")


def test_torch_that_crashes_python_fails_with_the_signal() -> None:
    bad(toolchain.torch(steps(code=-11)), "fail", "crashed (Segmentation fault)")


def test_a_right_kernel_in_the_interpreter_is_ok() -> None:
    finding = toolchain.triton_interpreter(steps(TORCH, TRITON, {"step": "kernel"}))
    assert finding.status == "ok"


def test_a_failing_canary_blames_the_toolchain_not_the_kernel() -> None:
    wrong = steps(TORCH, TRITON, code=1, errors="the result is off by 1.0e+00")
    finding = toolchain.triton_interpreter(wrong, "linux")
    bad(finding, "fail", "your toolchain, not your kernel", "off by 1.0e+00")


def test_a_result_reported_before_a_crash_is_not_trusted() -> None:
    crashed = steps(TORCH, TRITON, {"step": "kernel"}, code=-11)
    bad(toolchain.triton_interpreter(crashed, "linux"), "fail", "crashed")


def test_without_torch_triton_is_not_blamed() -> None:
    bad(toolchain.triton_interpreter(steps(code=1), "linux"), "fail", "torch does not import")


def test_a_missing_triton_fails_and_is_not_called_a_broken_toolchain() -> None:
    missing = steps(TORCH, code=1, errors="ModuleNotFoundError: No module named 'triton'")
    finding = toolchain.triton_interpreter(missing, "linux")
    bad(finding, "fail", "triton does not import", "make setup")
    assert "your kernel" not in finding.says


def test_off_linux_triton_points_to_linux() -> None:
    bad(toolchain.triton_interpreter(steps(TORCH, code=1), "darwin"), "fail", "Linux", "darwin")
    bad(toolchain.triton_compiler(steps(code=1), "darwin"), "fail", "Linux", "darwin")


def test_the_compiler_must_reach_both_targets() -> None:
    both = steps(TRITON, {"step": "sm_80"}, {"step": "sm_90"})
    assert toolchain.triton_compiler(both).status == "ok"
    one = steps(TRITON, {"step": "sm_80"}, code=1, errors="ptxas: no such file")
    bad(toolchain.triton_compiler(one, "linux"), "fail", "not your kernel", "ptxas")


def test_a_canary_out_of_time_says_so() -> None:
    late = toolchain.triton_compiler(steps(TRITON, code=None), "linux")
    bad(late, "fail", "did not finish in time", "less busy")


def test_a_check_that_breaks_down_is_the_graders_fault_and_no_traceback() -> None:
    def broken() -> Finding:
        raise KeyError("surprise")

    finding = guarded("memory", broken)
    assert finding.name == "memory"
    bad(finding, "fail", "KeyError: 'surprise'", "grader's, not yours")
