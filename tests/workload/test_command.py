"""`python -m workload`: what it prints, writes and refuses."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from workload import verbs
from workload.__main__ import main
from workload.check import find_real
from workload.generate import generate
from workload.model import load_model, model_from
from workload.named import NAMED
from workload.reading import read_trace
from workload.writing import write_trace

PUBLISHED = "AzureLLMInferenceTrace_code.csv"


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A folder with a stand-in for a published file: another seed of the generator."""
    write_trace(generate(load_model("azure_code"), seed=99), tmp_path / PUBLISHED)
    return tmp_path


def test_the_list_names_every_workload(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert set(NAMED) <= set(capsys.readouterr().out.split())


def test_a_trace_is_written_as_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "t.jsonl"
    arguments = ["chat-sessions", "--requests", "50", "--seed", "3", "--rate", "2"]
    assert main(["generate", *arguments, "--out", str(file)]) == 0
    assert len(read_trace(file)) == 50
    assert main(["describe", str(file)]) == 0
    assert "hits_unlimited" in capsys.readouterr().out


def test_a_trace_has_a_place_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "bursty-code", "--requests", "20"]) == 0
    assert len(read_trace(tmp_path / ".pagedlab/traces/bursty-code.csv")) == 20


def test_a_check_of_a_trace_like_the_fitted_one_holds_and_is_recorded(
    real: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = real / "CHECKED.md"
    assert main(["check", str(real), "--seeds", "1", "--record", str(record)]) == 0
    printed = capsys.readouterr().out
    assert "All hold." in printed and "dispersion_60s" in printed
    assert printed.strip() in record.read_text() and PUBLISHED in printed


def test_a_check_of_a_trace_of_another_kind_fails(
    real: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (real / PUBLISHED).rename(real / "AzureLLMInferenceTrace_conv.csv")
    assert main(["check", str(real), "--seeds", "1"]) == 1
    assert "NO" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "EMPTY"],
        ["fit", "EMPTY"],
        ["describe", "EMPTY/none.csv"],
        ["generate", "no-such", "--out", "EMPTY/t.csv"],
        ["generate", "steady-chat", "--out", "EMPTY/t.jsonl"],
        ["generate", "steady-chat", "--requests", "0", "--out", "EMPTY/t.csv"],
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([a.replace("EMPTY", str(tmp_path)) for a in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and said.err.startswith("workload: ")


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["generate"], ["check"]])
def test_usage_is_an_error_of_its_own(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_fitting_writes_a_model_that_is_like_the_file(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "TABLES", tmp_path)
    assert main(["fit", str(real)]) == 0

    made = model_from("azure_code", tomllib.loads((tmp_path / "azure_code.toml").read_text()))
    before = load_model("azure_code")
    assert made.recorded["gap_cv"] == pytest.approx(before.recorded["gap_cv"], rel=0.1)
    assert made.prompt.table.values[5:20] == pytest.approx(
        before.prompt.table.values[5:20], rel=0.1
    )


def test_packed_files_are_found_too(tmp_path: Path) -> None:
    (tmp_path / "conversation_trace.jsonl.gz").touch()
    (tmp_path / "unrelated.csv").touch()
    assert [name for name, _ in find_real(tmp_path)] == ["mooncake_conversation"]
