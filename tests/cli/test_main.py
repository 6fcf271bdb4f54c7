"""The verbs, and what every one of them does with what it does not know."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import __main__
from autograder.__main__ import INSTRUCTORS_ONLY, VERBS
from autograder.cli import hint
from tests.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[2]


def test_without_a_verb_the_verbs_are_listed(run: Run) -> None:
    said = run()
    assert said.code == 2
    assert all(f"  {verb} " in said.out for verb in VERBS)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_no_error(run: Run, flag: str) -> None:
    assert run(flag).code == 0


@pytest.mark.parametrize(
    ("verb", "near"), [("grad", "grade"), ("rescroe", "rescore"), ("chekc", "check")]
)
def test_an_unknown_verb_is_a_mistake_and_the_nearest_is_named(
    run: Run, verb: str, near: str
) -> None:
    said = run(verb)
    assert (said.code, said.line) == (
        2,
        f"autograder: there is no verb {verb!r}. Did you mean {near}? See --help.",
    )


def test_nothing_is_guessed_that_is_not_near(run: Run) -> None:
    assert "Did you mean" not in run("xyzzy").line


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(run: Run, verb: str) -> None:
    said = run(verb, "--help")
    assert said.code == 0 and "usage:" in said.out and said.err == ""


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_refuses_an_option_that_it_does_not_know(run: Run, verb: str) -> None:
    said = run(verb, "--points=100")
    assert (said.code, said.out) == (2, "")
    assert said.err.strip()


@pytest.mark.parametrize("verb", ["calibrate", "validate"])
def test_an_unknown_stage_is_a_mistake_and_not_a_success(run: Run, verb: str) -> None:
    said = run(verb, "--stage", 7)
    assert said.code == 2 and "no stage 7" in said.line


@pytest.mark.parametrize("verb", INSTRUCTORS_ONLY)
def test_a_verb_that_students_do_not_have_is_refused_in_one_line(
    run: Run, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", absent)
    said = run(verb)
    assert (said.code, said.line) == (2, f"autograder: {verb} is not part of this copy.")


def test_an_unforeseen_error_is_a_fault_of_the_grader(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(argv: list[str]) -> int:
        raise KeyError("a bug of ours")

    monkeypatch.setattr(hint, "main", broken)
    said = run("hint", "90.1")
    assert said.code == 3
    assert (
        "a bug of ours" in said.err
        and "Traceback" in said.err
        and "fault of the grader" in said.err
    )


def test_an_interrupt_is_told_in_a_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(hint, "main", interrupted)
    said = run("hint", "90.1")
    assert said.code == 130 and "interrupted" in said.err and "Traceback" not in said.err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_what_a_terminal_cannot_show_does_not_end_a_verb(root: Path, encoding: str) -> None:
    code = (
        "import sys; from pathlib import Path; from autograder import __main__;"
        "from autograder.cli import hint; hint.ROOT = Path(sys.argv[1]);"
        "sys.exit(__main__.main(['hint', '90.1', '--all']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        capture_output=True,
        timeout=60,
        cwd=ROOT,
        env={"PYTHONIOENCODING": encoding, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert ("See §90." if encoding != "ascii" else "See ?90.") in done.stdout.decode(encoding)


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grad"], capture_output=True, timeout=60, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (__main__.USAGE, b"")
    assert b"Did you mean grade?" in done.stderr
