"""`fuzz`: the reference agrees with its oracle, and a wrong submission is shown to differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.rubric.load import load_course
from autograder.source.variants import build_chaff, load_chaffs

ROOT = Path(__file__).resolve().parents[2]
STAGES = [
    stage.id
    for stage in load_course(ROOT / "assignments").stages
    if "def fuzz_program" in (stage.folder / "generate.py").read_text("utf-8")
]


@pytest.mark.parametrize("stage", STAGES)
def test_the_reference_agrees_with_the_oracle(
    stage: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fuzz", "--stage", str(stage), "--operations", "4000", "--seed", "7"]) == 0
    said = capsys.readouterr().out
    assert "seed 7" in said and "no difference from the oracle" in said


def test_a_difference_is_shown_by_the_shortest_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = load_course(ROOT / "assignments").stage(2)
    chaff = next(one for one in load_chaffs(stage) if one.id == "writes_into_shared_blocks")
    build_chaff(chaff, ROOT / "reference", tmp_path)
    arguments = ["--stage", "2", "--operations", "20000", "--seed", "7"]
    assert main(["fuzz", *arguments, "--submission", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    program = [line for line in said.splitlines() if line.startswith("     ")]
    assert "seed 7" in said and "fork" in said and "breaks    I" in said
    assert 4 <= len(program) <= 12 and "<- here" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--stage", "99"], "there is no stage 99"),
        (["--stage", "2", "--operations", "0"], "at least 1"),
    ],
)
def test_a_wrong_request_is_refused(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fuzz", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_submission_that_cannot_be_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    starter = ROOT / "starter"
    assert main(["fuzz", "--stage", "2", "--submission", str(starter), "--operations", "10"]) == 4
    assert "not written" in capsys.readouterr().err
    assert main(["fuzz", "--stage", "2", "--submission", str(tmp_path), "--operations", "10"]) == 4
