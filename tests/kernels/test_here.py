"""What a machine lacks is told by lane, in words that say what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kernel_lanes import here
from kernel_lanes.compilers import compiler_on


def test_neither_torch_nor_triton_is_imported() -> None:
    code = "import sys; from kernel_lanes.here import missing; missing()"
    code += "; assert not {'torch', 'triton', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(here.__file__).parents[1])


def test_only_known_lanes_are_missing() -> None:
    assert set(here.missing()) <= {"compile", "fast", "gpu"}
    assert all(here.missing().values())


def test_without_a_compiler_the_fast_lane_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "compiler_on", lambda path: "")
    assert "no C compiler" in here.missing()["fast"]


@pytest.mark.parametrize(
    ("script", "says"),
    [("exit 1", "builds nothing: status 1"), ("echo no math.h >&2; exit 4", "no math.h")],
)
def test_a_compiler_that_builds_nothing_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, says: str
) -> None:
    tool = tmp_path / "gcc"
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setattr(here, "WORKERS_PATH", str(tmp_path))
    assert says in here.missing()["fast"]


def test_the_compiler_that_is_named_comes_first(tmp_path: Path) -> None:
    for name in ("tcc", "clang"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o755)
    assert compiler_on(str(tmp_path)) == str(tmp_path / "clang")
    assert compiler_on(str(tmp_path), "tcc") == str(tmp_path / "tcc")
    assert compiler_on(str(tmp_path / "nowhere")) == ""


def test_without_triton_no_lane_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "_triton", lambda: None)
    assert set(here.missing()) == {"sanitize", "traffic", "compile", "fast", "gpu"}
