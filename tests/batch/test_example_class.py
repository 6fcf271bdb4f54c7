"""The generated class holds what a class holds, and the batch tells all of it apart."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.batch.example.make_class import make_class
from autograder.batch.intake.intake import take_in
from autograder.batch.intake.manifest import Entry
from autograder.batch.intake.matching import Matcher
from autograder.batch.intake.roster import Student, read_roster
from autograder.batch.intake.rows import rows_of
from autograder.batch.run.taking_in import modules_of
from autograder.batch.scores.policy_file import read_policy
from autograder.cli.grading import ROOT
from autograder.rubric.load import load_course

COUNT = 100


class Class:
    """A generated class, taken in."""

    def __init__(self, path: Path) -> None:
        course = load_course(ROOT / "assignments")
        self.path = path / "class"
        self.counted = make_class(ROOT, course, self.path, COUNT, seed=5)
        with (self.path / "answers.csv").open(encoding="utf-8") as file:
            self.answers = {row["student_id"]: row for row in csv.DictReader(file)}
        self.roster: list[Student] = read_roster(self.path / "roster.csv")
        entries = take_in(
            self.path / "submissions", path / "store", modules_of(course), Matcher(self.roster, {})
        )
        self.entries: dict[str, Entry] = {one.key: one for one in entries}
        self.rows = {row.key: row for row in rows_of(self.roster, entries)}

    def of_kind(self, kind: str) -> list[str]:
        """Ids of the students of one kind."""
        return [key for key, row in self.answers.items() if row["kind"] == kind]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Class:
    return Class(tmp_path_factory.mktemp("example"))


def test_every_kind_is_there(made: Class) -> None:
    kinds = {"regular", "hostile", "unreadable", "copied", "absent", "stray"}
    assert set(made.counted) == kinds and sum(made.counted.values()) == COUNT
    assert len(made.roster) == COUNT


def test_each_kind_is_taken_for_what_it_is(made: Class) -> None:
    for kind in ("regular", "hostile", "copied"):
        for key in made.of_kind(kind):
            entry = made.rows[key].entry
            assert entry and entry.content, (key, made.answers[key], entry)
    assert all(made.rows[key].problem for key in made.of_kind("unreadable"))
    assert all(made.rows[key].entry is None for key in made.of_kind("absent"))
    strays = [row for row in made.rows.values() if not row.in_roster]
    suggested = [row.entry.suggested[0] for row in strays if row.entry]
    assert sorted(suggested) == sorted(made.of_kind("stray"))


def test_copies_have_the_content_of_their_source(made: Class) -> None:
    for key in made.of_kind("copied"):
        source = made.rows[made.answers[key]["what"].rpartition(" ")[2]].entry
        copy = made.rows[key].entry
        bare = {"without a folder" in "".join(one.notes) for one in (source, copy) if one}
        assert source and copy and (source.content == copy.content or len(bare) == 2)


def test_some_are_late_and_one_has_an_extension(made: Class) -> None:
    policy = read_policy(made.path / "policy.toml")
    assert policy.due and len(policy.extensions) == 1
    late = [one for one in made.entries.values() if one.submitted_at > policy.due.isoformat()]
    assert 5 < len(late) < 30


def test_nothing_escaped_when_it_was_taken_in(made: Class) -> None:
    assert not list(made.path.parent.rglob("escaped.py"))


def test_the_same_seed_gives_the_same_class(tmp_path: Path) -> None:
    course = load_course(ROOT / "assignments")
    digests = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_class(ROOT, course, tmp_path / name, 12, seed)
        files = sorted(one for one in (tmp_path / name).rglob("*") if one.is_file())
        digests.append([(one.relative_to(tmp_path / name), one.read_bytes()) for one in files])
    assert digests[0] == digests[1] != digests[2]
