"""`python -m reproduce`: what it prints, writes and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from reproduce import __main__ as command
from reproduce.memory.results import from_json
from workload.generate import generate
from workload.named import named
from workload.writing import write_trace

CLAIMS = ("40–60 %", "60–80 %", "95–98 %", "under 4 %", "2–3 times", "2–4 times")
SERVING = ("continuous batching", "the load", "swapping", "chunks", "prefix", "Little's law")


def test_a_quick_run_prints_every_claim_and_draws_the_plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    claiming = {name: run for name, run in command.EXPERIMENTS.items() if name != "costs"}
    monkeypatch.setattr(command, "EXPERIMENTS", claiming)
    assert command.main(["--quick", "--out", str(tmp_path / "new/folder")]) == 0
    said = capsys.readouterr()
    overview, *sections = said.out.split("\n## ")[1:]
    assert overview.startswith("Overview")
    for claim in (*CLAIMS, *SERVING):
        assert claim in overview and claim in "".join(sections)
    assert said.out.rstrip().endswith(command.QUICK)
    files = sorted(file.name for file in (tmp_path / "new/folder").iterdir())
    named = {f"{name}.{kind}" for name in command.EXPERIMENTS for kind in ("json", "svg")}
    assert set(files) == named | {"memory.png"}
    assert len(from_json((tmp_path / "new/folder/memory.json").read_text()).main) == 18


def test_results_are_recorded_on_demand_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from reproduce.memory import measure
    from reproduce.scheduling import experiment

    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.setattr(command, "HERE", here)
    some = {name: command.EXPERIMENTS[name] for name in ("memory", "preemption")}
    monkeypatch.setattr(command, "EXPERIMENTS", some)
    monkeypatch.setattr(experiment, "FULL", experiment.QUICK)
    monkeypatch.setattr(measure, "FULL", measure.QUICK)
    monkeypatch.setattr(measure, "by_length", lambda size, tell: [])
    monkeypatch.setattr(measure, "by_block_size", lambda size, tell: [])
    write_trace(generate(named("bursty-code"), 200), tmp_path / "AzureLLMInferenceTrace_code.csv")
    arguments = ["--out", str(tmp_path / "out"), "--record", "--real", str(tmp_path)]
    assert command.main(arguments) == 0
    assert sorted(file.name for file in here.iterdir()) == [
        "RESULTS.md",
        "memory.json",
        "memory.svg",
        "preemption.json",
        "preemption.svg",
    ]
    printed, kept = capsys.readouterr().out.strip(), (here / "RESULTS.md").read_text()
    assert set(printed.split("\n")) <= set(kept.split("\n"))
    assert "On the real traces" in printed and "![The plots of preemption](preemption.svg)" in kept
    assert [line[:7] for line in kept.split("\n") if line.startswith("### ")][5:6] == ["### 6. "]


def test_one_experiment_can_be_run_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--quick", "--only", "costs", "--out", str(tmp_path)]) == 0
    assert {file.stem for file in tmp_path.iterdir()} == {"costs"}
    assert "## Memory" not in capsys.readouterr().out


def test_what_is_recorded_is_told_anew_without_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.setattr(command, "HERE", here)
    monkeypatch.setattr(command, "EXPERIMENTS", {})
    assert command.main(["--redraw", "--out", str(tmp_path)]) == 0
    assert len(list(here.iterdir())) == 1 + 2 * 8
    for file in here.iterdir():
        if file.suffix != ".svg":
            recorded = Path(command.__file__).parent / file.name
            assert file.read_bytes() == recorded.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--quick", "--record"],
        ["--only", "costs", "--record"],
        ["--real", "EMPTY"],
        ["--quick", "--out", "FILE"],
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    places = {"EMPTY": str(tmp_path), "FILE": str(file)}
    words = [places.get(word, word) for word in arguments]
    words += [] if "--out" in words else ["--out", str(tmp_path / "out")]
    assert command.main(words) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and said.err.startswith("reproduce: ") and not said.out
