"""What `check` tells besides verdicts, and `debug` if somebody leaves."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.judge.bench import make_submission


def test_check_shows_what_was_counted_whatever_the_verdict(run: Run, root: Path, own: Path) -> None:
    tests = root / "assignments" / "90_ledger" / "public" / "test_rules.py"
    text = tests.read_text(encoding="utf-8")
    for verdict in ('put("a", -1), total()', 'put("a", "x"), total()'):
        noted = text.replace(
            'judge.check(new(), put("a", -1), total())',
            f'judge.note("seven were counted"); judge.check(new(), {verdict})',
        )
        tests.write_text(noted, encoding="utf-8")
        assert "note          seven were counted" in run("check", "90.10", "--submission", own).out


def test_to_leave_the_debugger_is_no_fault(run: Run, tmp_path: Path) -> None:
    left = "import bdb\n" + (make_submission(tmp_path / "a") / "pagedlab" / "ledger.py").read_text(
        "utf-8"
    ).replace("return sum", "raise bdb.BdbQuit; return sum")
    said = run("debug", "90.1", "--submission", make_submission(tmp_path / "b", left))
    assert said.code == 0 and said.err == ""
    assert said.out == "You left before the rule was decided.\n"
