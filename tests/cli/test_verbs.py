"""`check`, `debug`, `hint` and `rescore`: exit codes, and what each is for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import check, grading
from autograder.judge import grade as judging
from autograder.judge.faults import GraderFault
from autograder.sandbox.isolation import Isolation, Tier
from autograder.scoring.events import EventLog, read_log
from tests.cli.conftest import Run
from tests.judge.bench import STUB, make_submission
from tests.scoring.bench import FLAT, HEADER, outcome

# ---- check ---------------------------------------------------------------------------------------


def test_check_passes(run: Run, own: Path) -> None:
    said = run("check", "90.10", "--submission", own)
    assert (said.code, said.err) == (0, "")
    assert said.out == "✓ 90.10  Misuse raises\n"


def test_check_explains_every_failure(run: Run, wrong: Path) -> None:
    said = run("check", "90.1", "90.10", "--submission", wrong, "--seed", 5)
    assert said.code == 1
    assert "failed   90.1" in said.out and "shortest failing program" in said.out
    assert "seed 5" in said.out and "✓ 90.10" in said.out


def test_check_says_what_is_not_written_yet(run: Run, tmp_path: Path) -> None:
    said = run("check", "90.1", "--submission", make_submission(tmp_path / "stub", STUB))
    assert said.code == 1
    assert "not attempted: Ledger.__init__ is not written yet" in said.out


def test_check_runs_what_a_rule_requires_and_shows_the_rule_alone(run: Run, own: Path) -> None:
    said = run("check", "90.D1", "--submission", own)
    assert (said.code, said.out) == (0, "✓ 90.D1  The claims in design.toml hold\n")


def test_check_leaves_the_results_of_the_last_run_alone(run: Run, root: Path, own: Path) -> None:
    run("check", "90.10", "--submission", own)
    assert not (root / ".pagedlab").exists()


def test_check_closes_over_requirements(root: Path) -> None:
    closed = check.with_required(frozenset({"90.D1"}))
    assert closed == {"90.D1", "90.P1", "90.10"}
    assert check.with_required(frozenset({"90.1"})) == {"90.1"}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["90.1"], {"90.1"}),
        (["90.P"], {"90.P1"}),
        (["90.D", "90.1"], {"90.D1", "90.D2", "90.1"}),
        (["90"], {"90.1", "90.10", "90.P1", "90.D1", "90.D2"}),
    ],
)
def test_a_rule_is_named_by_its_id_or_by_how_it_begins(
    root: Path, names: list[str], found: set[str]
) -> None:
    assert check.wanted_rules(names) == found


@pytest.mark.parametrize("name", ["7.1", "90.2", "", "90.D9", "P1", "9 0"])
def test_what_is_no_rule_to_check_is_refused(run: Run, own: Path, name: str) -> None:
    said = run("check", name, "--submission", own)
    assert said.code == 2 and "rule" in said.line


def test_check_without_a_submission(run: Run, tmp_path: Path) -> None:
    assert run("check", "90.1", "--submission", tmp_path / "nowhere").code == 4


def test_a_fault_while_checking_is_the_graders(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise GraderFault("no worker")

    monkeypatch.setattr(judging, "run_rules", broken)
    said = run("check", "90.1", "--submission", own)
    assert said.code == 3 and "our fault, not yours" in said.out


def test_a_broken_suite_is_the_graders_fault(run: Run, root: Path, own: Path) -> None:
    (root / "assignments" / "course.toml").write_text("title = 3", encoding="utf-8")
    assert run("check", "90.1", "--submission", own).code == 3


# ---- debug ---------------------------------------------------------------------------------------


def test_debug_runs_in_this_process_and_lets_prints_through(run: Run, tmp_path: Path) -> None:
    talking = "print('imported here')\n" + (
        make_submission(tmp_path / "a") / "pagedlab" / "ledger.py"
    ).read_text("utf-8")
    said = run("debug", "90.1", "--submission", make_submission(tmp_path / "b", talking))
    assert said.code == 0
    assert "imported here" in said.out and "✓ 90.1" in said.out


def test_debug_explains_a_failure(run: Run, wrong: Path) -> None:
    said = run("debug", "90.1", "--submission", wrong, "--seed", 3)
    assert said.code == 1
    assert "Debug   90.1" in said.out and "seed 3" in said.out


RULES_WITHOUT_A_TEST = [("90.2", "no rule"), ("90.D1", "no test"), ("90.P1", "no test")]


@pytest.mark.parametrize(("rule", "says"), RULES_WITHOUT_A_TEST)
def test_debug_refuses_what_has_no_test(run: Run, own: Path, rule: str, says: str) -> None:
    said = run("debug", rule, "--submission", own)
    assert said.code == 2 and says in said.line


def test_debug_without_a_submission(run: Run, tmp_path: Path) -> None:
    assert run("debug", "90.1", "--submission", tmp_path / "nowhere").code == 4


# ---- hint ----------------------------------------------------------------------------------------


def hints(text: str) -> list[str]:
    return [line.partition(": ")[2] for line in text.splitlines() if line.startswith("hint ")]


def test_each_call_shows_one_hint_more(run: Run) -> None:
    shown = ["Sum up.", "See §90.", "It is sum(amounts)."]
    for count in (1, 2, 3, 3):
        said = run("hint", "90.1")
        assert (said.code, hints(said.out)) == (0, shown[:count])
        assert ("more: make hint R=90.1" in said.out) == (count < 3)


def test_all_hints_can_be_asked_for(run: Run) -> None:
    assert len(hints(run("hint", "90.1", "--all").out)) == 3


def test_rules_are_remembered_apart(run: Run, root: Path) -> None:
    file = root / "assignments" / "90_ledger" / "hints.toml"
    with file.open("a", encoding="utf-8") as more:
        more.write('["90.10"]\nhints = ["First.", "Second."]\n')
    run("hint", "90.1")
    run("hint", "90.1")
    assert hints(run("hint", "90.10").out) == ["First."]


@pytest.mark.parametrize("text", ["", "[]", "7", '{"90.1": "x"}', '{"90.1": null}', "\x00"])
def test_a_damaged_memory_starts_anew(run: Run, root: Path, text: str) -> None:
    (root / ".pagedlab").mkdir()
    (root / ".pagedlab" / "hints.json").write_text(text, encoding="utf-8")
    assert hints(run("hint", "90.1").out) == ["Sum up."]
    assert len(hints(run("hint", "90.1").out)) == 2


@pytest.mark.parametrize(("rule", "says"), [("90.2", "no rule"), ("90.10", "no hints")])
def test_where_there_is_no_hint_that_is_told(run: Run, rule: str, says: str) -> None:
    said = run("hint", rule)
    assert said.code == 2 and says in said.line


# ---- rescore -------------------------------------------------------------------------------------


THIS_HEADER = replace(HEADER, stages=(90,))


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """A run's folder, in which nothing was wrong but a sum."""
    log = EventLog(tmp_path / "run" / "events.jsonl", THIS_HEADER)
    log.add(outcome("90.1", 0))
    for rule in ("90.10", "90.D1", "90.D2"):
        log.add(outcome(rule))
    log.add(outcome("90.P1", measured=FLAT))
    log.close()
    return tmp_path / "run"


def marks(tmp_path: Path, text: str) -> Path:
    (tmp_path / "marks.toml").write_text(text, encoding="utf-8")
    return tmp_path / "marks.toml"


def scored(said: Any) -> float:
    return float(json.loads(said.out)["score"])


def test_rescoring_runs_nothing(run: Run, graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("something was run")

    monkeypatch.setattr(grading, "probe", never)
    monkeypatch.setattr(grading, "grade_stage", never)
    said = run("rescore", graded, "--json")
    assert (said.code, scored(said)) == (0, 10.0)
    assert (graded / "report.html").exists() and (graded / "results.json").exists()


def test_new_weights_change_the_points_of_an_old_run(run: Run, root: Path, graded: Path) -> None:
    file = root / "assignments" / "90_ledger" / "stage.toml"
    heavier = ('weight = 1\ntitle = "Misuse', 'weight = 3\ntitle = "Misuse')
    file.write_text(file.read_text("utf-8").replace(*heavier), encoding="utf-8")
    assert scored(run("rescore", graded, "--json")) == 12.0


def test_a_mark_brings_the_points_of_its_rule(run: Run, graded: Path, tmp_path: Path) -> None:
    file = marks(tmp_path, '["90.D9"]\nshare = 0.25\nby = "A. Reader"\n')
    said = run("rescore", graded, "--json", "--marks", file)
    assert (said.code, scored(said)) == (0, 9.0)
    (mark,) = [one for one in json.loads(said.out)["stages"][0]["rules"] if one["id"] == "90.D9"]
    assert mark["cause"]["summary"] == "A. Reader gave 25% of the points"
    assert scored(run("rescore", graded, "--json")) == 9.0, "it stays in the log"
    file = marks(tmp_path, '["90.D9"]\nshare = 1\nby = "A. Reader"\n')
    assert scored(run("rescore", graded, "--json", "--marks", file)) == 10.0, "the later one counts"


def test_a_mark_after_a_line_that_was_cut_off_is_not_lost(
    run: Run, graded: Path, tmp_path: Path
) -> None:
    with (graded / "events.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"event": "rule", "rule": "90.D')
    file = marks(tmp_path, '["90.D9"]\nshare = 0.25\nby = "A. Reader"\n')
    assert scored(run("rescore", graded, "--json", "--marks", file)) == 9.0


BAD_MARKS = {
    "no toml": "share: 1",
    "an automatic rule": '["90.1"]\nshare = 1\nby = "me"\n',
    "a measured rule": '["90.P1"]\nshare = 1\nby = "me"\n',
    "an unknown rule": '["90.Q7"]\nshare = 1\nby = "me"\n',
    "no share": '["90.D9"]\nby = "me"\n',
    "no name": '["90.D9"]\nshare = 1\n',
    "an empty name": '["90.D9"]\nshare = 1\nby = ""\n',
    "too much": '["90.D9"]\nshare = 1.01\nby = "me"\n',
    "less than nothing": '["90.D9"]\nshare = -0.1\nby = "me"\n',
    "no number": '["90.D9"]\nshare = "1"\nby = "me"\n',
    "not a number": '["90.D9"]\nshare = nan\nby = "me"\n',
    "no table": '"90.D9" = 1\n',
}


@pytest.mark.parametrize("name", BAD_MARKS)
def test_marks_that_cannot_be_used_change_nothing(
    run: Run, graded: Path, tmp_path: Path, name: str
) -> None:
    before = (graded / "events.jsonl").read_bytes()
    said = run("rescore", graded, "--marks", marks(tmp_path, BAD_MARKS[name]))
    assert said.code == 2 and "marks.toml" in said.line
    assert (graded / "events.jsonl").read_bytes() == before
    assert not (graded / "results.json").exists()


def test_marks_that_are_not_there_are_refused(run: Run, graded: Path, tmp_path: Path) -> None:
    assert run("rescore", graded, "--marks", tmp_path / "none.toml").code == 2


@pytest.mark.parametrize("content", [None, "", "points: 100\n", "[]\n"])
def test_a_folder_without_a_log_is_refused(run: Run, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "events.jsonl").write_text(content, encoding="utf-8")
    said = run("rescore", tmp_path)
    assert said.code == 2 and "events.jsonl" in said.line


def test_a_run_of_a_stage_that_this_suite_lacks_is_refused(run: Run, tmp_path: Path) -> None:
    EventLog(tmp_path / "events.jsonl", HEADER).close()
    said = run("rescore", tmp_path)
    assert said.code == 2 and "no stage 1" in said.line


def test_rescoring_keeps_the_runs_header(run: Run, graded: Path) -> None:
    run("rescore", graded)
    assert read_log(graded / "events.jsonl")[0] == THIS_HEADER
    data = json.loads((graded / "results.json").read_text("utf-8"))
    assert data["seed"] == HEADER.seed and data["isolation"] == HEADER.isolation


def test_a_run_can_be_shown_as_with_fewer_lanes_and_stays_as_it_is(
    run: Run, root: Path, graded: Path
) -> None:
    file = root / "assignments" / "90_ledger" / "stage.toml"
    text = file.read_text("utf-8").replace("[groups]", '[lanes]\nfast = "runs it"\n\n[groups]')
    text = text.replace('invariants = ["L1", "L2"]', 'invariants = ["L1"]\nlane = "fast"')
    file.write_text(text, encoding="utf-8")
    before = (graded / "events.jsonl").read_bytes()
    assert scored(run("rescore", graded, "--json")) == 10.0
    assert scored(run("rescore", graded, "--json", "--lanes", "fast")) == 10.0
    assert (
        scored(run("rescore", graded, "--json", "--lanes", "")) == 14.0
    ), "the failure is left out"
    assert (graded / "events.jsonl").read_bytes() == before
    assert json.loads((graded / "results.json").read_text("utf-8"))["score"] == 10.0


def test_weak_isolation_is_never_needed_to_rescore(
    run: Run, graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading, "probe", lambda *_: Isolation(Tier.LIMITS, ()))
    assert run("rescore", graded).code == 0


# ---- summary -------------------------------------------------------------------------------------


def test_a_recorded_run_is_summed_up_in_markdown_and_for_classroom50(
    run: Run, root: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, file = tmp_path / "out", tmp_path / "result.json"
    run("grade", own, "--out", out)
    for name in ("CLASSROOM", "ASSIGNMENT", "ASSIGNMENT_TYPE", "OWNER", "COMMIT_URL"):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.delenv("REVIEW_URL", raising=False)
    monkeypatch.setenv("SUBMISSION_TAG", "submit/1")
    said = run("summary", out, "--classroom50", file)
    assert said.code == 0 and said.out.startswith("### ")
    result = json.loads(file.read_text())
    assert result["owner"] == "owner" and result["review"] == "commit_url"
    score = json.loads((out / "results.json").read_text())["score"]
    assert result["score"] == round(100 * score) == sum(one["score"] for one in result["tests"])


def test_a_run_that_is_not_there_has_no_summary(run: Run, tmp_path: Path) -> None:
    said = run("summary", tmp_path / "nothing")
    assert said.code == 2 and said.err.count("\n") == 1
