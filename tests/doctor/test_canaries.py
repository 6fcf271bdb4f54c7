"""The canary programs, in real child processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autograder.doctor import toolchain
from autograder.doctor.canaries import run_canaries
from autograder.doctor.child import Outcome, run_together


@pytest.mark.skipif(sys.platform != "linux", reason="Triton exists for Linux only")
def test_the_canaries_sing_on_a_whole_toolchain() -> None:
    outcomes = run_canaries()
    assert toolchain.torch(outcomes["interpreter"]).status == "ok"
    assert toolchain.triton_interpreter(outcomes["interpreter"]).status == "ok"
    assert toolchain.triton_compiler(outcomes["compiler"]).status == "ok"
    assert outcomes["gpu"].code == 0


def test_without_packages_torch_and_triton_are_found_missing() -> None:
    outcomes = run_canaries(python=(sys.executable, "-S"))
    assert "No module named 'torch'" in toolchain.torch(outcomes["interpreter"]).says
    assert "No module named 'triton'" in toolchain.triton_compiler(outcomes["compiler"]).says


def test_a_torch_that_does_not_import_is_no_fault_of_triton(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libc10.so: cannot open')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    interpreter = run_canaries(python=(sys.executable, "-S"))["interpreter"]
    assert "libc10.so: cannot open" in toolchain.torch(interpreter).says
    assert "torch does not import" in toolchain.triton_interpreter(interpreter).says


def test_a_canary_out_of_time_is_killed_and_reported() -> None:
    outcomes = run_canaries(seconds=0.0)
    assert {outcome.code for outcome in outcomes.values()} == {None}
    assert outcomes["gpu"].reason() == "it did not finish in time"


def test_one_child_that_crashes_does_not_touch_the_others() -> None:
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    speak = """print('{"step": "done"}')"""
    outcomes = run_together(
        {
            "crashes": ([sys.executable, "-c", crash], os.environ),
            "works": ([sys.executable, "-c", speak], os.environ),
        },
        60.0,
    )
    assert outcomes["crashes"].reason() == "it crashed (Segmentation fault)"
    assert outcomes["works"].step("done") == {"step": "done"}


def test_noise_on_stdout_is_not_taken_for_a_report() -> None:
    outcome = Outcome(0, 'warning: {\n[1]\n"step"\n{"step": "other"}\n', "")
    assert outcome.step("kernel") is None


def test_a_child_that_leaves_without_a_word_is_described_by_its_status() -> None:
    assert Outcome(7, "", "\n").reason() == "it ended with status 7"
