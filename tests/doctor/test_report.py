"""The verb: what it prints and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autograder.doctor.child import ROOT, Outcome
from autograder.doctor.command import main
from autograder.doctor.examine import examine
from autograder.doctor.finding import Finding
from autograder.doctor.report import Report, as_json, as_text
from autograder.doctor.stages import StageVerdict, verdicts

WELL = Report(
    (
        Finding("Python", "ok", "3.11.7"),
        Finding("isolation", "warn", "limits (honour system)", "use Linux"),
        Finding("torch", "fail", "does not import: no libc10.so", "run `make setup`"),
    ),
    (StageVerdict(1, "Block allocator", ()), StageVerdict(4, "Attention kernel", ("torch",))),
)
BLOCKED = replace(WELL, stages=(StageVerdict(1, "Block allocator", ("packages",)),))


def test_the_text_shows_each_finding_with_what_to_do() -> None:
    assert as_text(WELL) == """\
What this machine has
  ok    Python     3.11.7
  warn  isolation  limits (honour system)
                   -> use Linux
  FAIL  torch      does not import: no libc10.so
                   -> run `make setup`

What can be graded here
  stage 1  Block allocator: yes
  stage 4  Attention kernel: no, see above: torch
"""


def test_the_text_is_ascii_and_fits_80_columns_whatever_was_found() -> None:
    odd = Finding(
        "disk", "warn", "1 GiB in /home/zo\u00eb " + "words " * 40, "r\u00e4ume auf " * 20
    )
    text = as_text(replace(WELL, findings=(odd,)))
    assert text.isascii()
    assert "zo\\xeb" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_json_is_one_document_with_everything() -> None:
    document = json.loads(as_json(WELL))
    assert document["schema"] == "pagedlab.doctor/1"
    assert [finding["name"] for finding in document["findings"]] == ["Python", "isolation", "torch"]
    assert document["findings"][2]["do"] == "run `make setup`"
    assert [stage["gradable"] for stage in document["stages"]] == [True, False]


def test_exit_0_when_stage_1_can_be_graded_even_if_others_cannot() -> None:
    assert main([], lambda: WELL) == 0


@pytest.mark.parametrize("report", [BLOCKED, replace(WELL, stages=())])
def test_exit_3_when_stage_1_cannot_be_graded(report: Report) -> None:
    assert main([], lambda: report) == 3


def test_json_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"], lambda: BLOCKED) == 3
    printed = capsys.readouterr()
    assert json.loads(printed.out)["first_stage_gradable"] is False
    assert printed.err == ""


def test_an_unknown_argument_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--jsno"], lambda: WELL) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1 and "'--jsno'" in printed.err


@dataclass(frozen=True)
class Needy:
    """The part of a stage that the doctor looks at."""

    id: int
    needs: tuple[str, ...] = ()
    name: str = "a stage"


def test_a_stage_is_blocked_by_what_it_needs_and_no_other_stage_is() -> None:
    names = ("Python", "packages", "Triton interpreter", "Triton compiler")
    found = [*(Finding(name, "ok", "") for name in names), Finding("torch", "fail", "", "do")]
    judged = verdicts([Needy(1), Needy(3, ("torch",)), Needy(4, ("torch", "triton"))], found)
    assert [(one.id, one.blockers) for one in judged] == [(1, ()), (3, ("torch",)), (4, ("torch",))]


def test_a_warning_blocks_nothing_and_an_unknown_state_does() -> None:
    warned = [Finding("Python", "warn", "", "do")]
    assert verdicts([Needy(1)], warned)[0].blockers == ("packages",)


def dead_canaries() -> dict[str, Outcome]:
    return dict.fromkeys(("interpreter", "compiler", "gpu"), Outcome(1, "", "killed"))


def test_a_tree_without_assignments_is_a_finding_and_no_traceback(tmp_path: Path) -> None:
    report = examine(tmp_path, dead_canaries)
    found = {finding.name: finding for finding in report.findings}
    assert found["assignments"].status == "fail"
    assert found["packages"].status == "warn"
    assert found["torch"].status == "fail"
    assert not report.first_stage_gradable


def test_children_that_cannot_be_started_are_a_finding_and_no_traceback(tmp_path: Path) -> None:
    def refuse() -> dict[str, Outcome]:
        raise OSError("Resource temporarily unavailable")

    found = {finding.name: finding for finding in examine(tmp_path, refuse).findings}
    assert "Resource temporarily unavailable" in found["torch"].says
    assert "Resource temporarily unavailable" in found["Triton compiler"].says


def test_the_doctor_itself_needs_no_package_at_all() -> None:
    code = """\
import sys
from autograder.doctor.child import Outcome
from autograder.doctor.command import main
from autograder.doctor.examine import examine

dead = dict.fromkeys(("interpreter", "compiler", "gpu"), Outcome(1, "", ""))
status = main([], lambda: examine(canaries=lambda: dead))
assert not {"torch", "triton", "numpy"} & set(sys.modules)
sys.exit(status)
"""
    ended = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True)
    assert ended.returncode in (0, 3), ended.stderr
    assert b"What can be graded here" in ended.stdout
