"""`check`, `debug` and `hint`: exit codes, and what each is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.cli import check
from autograder.judge import grade as judging
from autograder.judge.faults import GraderFault
from tests.cli.conftest import Run
from tests.judge.bench import STUB, make_submission

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
