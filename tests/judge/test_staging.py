"""A worker sees the student's allow-listed files, pristine given ones, and nothing else."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.judge.staging import MAX_FILE_BYTES, NothingToGrade, Staged, stage_files
from autograder.rubric.model import Stage
from tests.judge.bench import LEDGER, make_stage, make_submission


@pytest.fixture
def stage(folder: Path) -> Stage:
    return replace(make_stage(folder), given=("__init__.py", "errors.py"))


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "given"
    path.mkdir()
    (path / "__init__.py").write_text('"""Pristine."""\n', encoding="utf-8")
    (path / "errors.py").write_text("class Named(Exception): ...\n", encoding="utf-8")
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return make_submission(tmp_path / "own")


def staged(stage: Stage, own: Path, given: Path, into: Path) -> Staged:
    into.mkdir()
    return stage_files(stage, own, given, into)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_what_a_worker_sees(stage: Stage, own: Path, given: Path, tmp_path: Path) -> None:
    laid = staged(stage, own, given, tmp_path / "out")
    assert names(laid.folder) == [
        "driver.py",
        "meter.py",
        "pagedlab",
        "pagedlab/__init__.py",
        "pagedlab/book.py",
        "pagedlab/errors.py",
        "pagedlab/ledger.py",
    ]
    assert laid.problems == ()
    assert (laid.package / "ledger.py").read_text(encoding="utf-8") == LEDGER


def test_nothing_else_is_taken_from_a_submission(
    stage: Stage, own: Path, given: Path, tmp_path: Path
) -> None:
    before = names(staged(stage, own, given, tmp_path / "before").folder)
    for name in ("conftest.py", "pytest.ini", "sitecustomize.py", "driver.py", "evil.pth"):
        (own / name).write_text("raise SystemExit\n", encoding="utf-8")
        (own / "pagedlab" / name).write_text("raise SystemExit\n", encoding="utf-8")
    (own / "pagedlab" / "__pycache__").mkdir()
    (own / "pagedlab" / "__pycache__" / "ledger.cpython-311.pyc").write_bytes(b"\0" * 16)
    (own / "pagedlab" / "ledger").mkdir()
    (own / "torch").mkdir()
    laid = staged(stage, own, given, tmp_path / "after")
    assert names(laid.folder) == before
    assert (laid.folder / "driver.py").read_text() == (stage.folder / "driver.py").read_text()


def test_given_files_are_restored(stage: Stage, own: Path, given: Path, tmp_path: Path) -> None:
    for name in stage.given:
        (own / "pagedlab" / name).write_text("class Named: ...\n", encoding="utf-8")
    laid = staged(stage, own, given, tmp_path / "out")
    for name in stage.given:
        assert (laid.package / name).read_bytes() == (given / name).read_bytes()


def test_a_missing_file_is_told_and_the_others_are_taken(
    stage: Stage, own: Path, given: Path, tmp_path: Path
) -> None:
    (own / "pagedlab" / "book.py").unlink()
    laid = staged(stage, own, given, tmp_path / "out")
    assert [(one.file, one.reason) for one in laid.problems] == [("book.py", "is missing")]
    assert (laid.package / "ledger.py").exists() and not (laid.package / "book.py").exists()


def test_a_folder_or_a_pipe_is_no_file(
    stage: Stage, own: Path, given: Path, tmp_path: Path
) -> None:
    for name in ("book.py", "ledger.py"):
        (own / "pagedlab" / name).unlink()
    (own / "pagedlab" / "book.py").mkdir()
    os.mkfifo(own / "pagedlab" / "ledger.py")
    laid = staged(stage, own, given, tmp_path / "out")
    assert {one.reason for one in laid.problems} == {"is missing"}


def test_a_link_is_refused_wherever_it_leads(
    stage: Stage, own: Path, given: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("ANSWER = 42\n", encoding="utf-8")
    (own / "pagedlab" / "book.py").unlink()
    (own / "pagedlab" / "book.py").symlink_to(secret)
    (own / "pagedlab" / "ledger.py").unlink()
    (own / "pagedlab" / "ledger.py").symlink_to("nowhere")
    laid = staged(stage, own, given, tmp_path / "out")
    assert [one.file for one in laid.problems] == ["book.py", "ledger.py"]
    assert all("link" in one.reason for one in laid.problems)
    assert not (laid.package / "book.py").exists()


def test_a_file_over_the_limit_is_refused(
    stage: Stage, own: Path, given: Path, tmp_path: Path
) -> None:
    (own / "pagedlab" / "book.py").write_bytes(b"#" * MAX_FILE_BYTES)
    (own / "pagedlab" / "ledger.py").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    laid = staged(stage, own, given, tmp_path / "out")
    assert [(one.file, one.reason) for one in laid.problems] == [("ledger.py", "is over 1 MB")]


@pytest.mark.parametrize("kind", ["nothing", "a file", "a link"])
def test_without_a_package_there_is_nothing_to_grade(
    stage: Stage, given: Path, tmp_path: Path, kind: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    if kind == "a file":
        (empty / "pagedlab").write_text("", encoding="utf-8")
    if kind == "a link":
        (empty / "pagedlab").symlink_to(make_submission(tmp_path / "own") / "pagedlab")
    with pytest.raises(NothingToGrade, match="empty"):
        stage_files(stage, empty, given, tmp_path)


def test_the_digest_follows_from_the_students_files_alone(
    stage: Stage, own: Path, given: Path, tmp_path: Path
) -> None:
    first = staged(stage, own, given, tmp_path / "1").digest
    (own / "notes.txt").write_text("x", encoding="utf-8")
    (own / "pagedlab" / "errors.py").write_text("x", encoding="utf-8")
    os.utime(own / "pagedlab" / "ledger.py", (0, 0))
    assert staged(stage, own, given, tmp_path / "2").digest == first
    (own / "pagedlab" / "ledger.py").write_text(LEDGER + "\n", encoding="utf-8")
    second = staged(stage, own, given, tmp_path / "3").digest
    (own / "pagedlab" / "ledger.py").unlink()
    third = staged(stage, own, given, tmp_path / "4").digest
    assert len({first, second, third}) == 3


def test_everything_can_be_read_by_another_user(
    stage: Stage, own: Path, given: Path, tmp_path: Path
) -> None:
    (own / "pagedlab" / "ledger.py").chmod(0o600)
    laid = staged(stage, own, given, tmp_path / "out")
    for path in (tmp_path / "out", laid.folder, *laid.folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
