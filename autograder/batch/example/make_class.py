"""Generate a class: submissions, roster, policy, and a note of what each of them is.

class/
    submissions/    folders and archives, and manifest.csv with whose they are and when they came
    roster.csv      the class; some have handed in nothing
    policy.toml     a due date, late days, an extension
    answers.csv     what each submission is: for the reader, not for the grader
"""

from __future__ import annotations

import csv
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from autograder.batch.example.deliver import UNREADABLE, instant, usual
from autograder.batch.example.people import Student, students
from autograder.batch.example.work import Material, write_attack, write_work
from autograder.rubric.model import Course
from autograder.source.attacks import load_attacks

HOSTILE, UNREAD, COPIED, ABSENT, STRAYS = 0.06, 0.05, 0.04, 0.03, 0.01
POLICY = """\
# What is done with the points of this class. The batch copies it into the run's folder.
due = 2026-11-01T23:59:00+00:00
grace_minutes = 10
late_days = 2          # that cost nothing
penalty_per_day = 10   # percent, for each day after those
last_day = 5           # after which nothing counts

[[extensions]]
student = "{student}"
due = 2026-11-08T23:59:00+00:00
by = "the instructor"
reason = "ill"
"""


def make_class(root: Path, course: Course, out: Path, count: int, seed: int) -> dict[str, int]:
    """Write a class. The same seed gives the same class, to the byte.

    Args:
        root: the repository that it is made of.
        course: its rubric.
        out: gets the class; it must not exist.
        count: of students.
        seed: of everything that is drawn.

    Returns:
        How many there are of each kind.

    Raises:
        FileExistsError: `out` exists.
    """
    dice = random.Random(seed)
    place = out / "submissions"
    place.mkdir(parents=True)
    people = students(count, dice)
    writer = _Writer(root, course, seed, people)
    kinds = _kinds(count, dice, bool(writer.attacks))
    manifest = [["submission", "student_id", "name", "email", "submitted_at"]]
    answers = [["student_id", "kind", "what"]]
    for number, (student, kind) in enumerate(zip(people, kinds, strict=True)):
        own = random.Random(f"{seed} {number}")
        what = "nothing handed in"
        if kind != "absent":
            what = writer.hand_in(number, kind, own, place)
            manifest.append(_line(student, kind == "stray", instant(own)))
        answers.append([student.student_id, kind, what])
    _csv(place / "manifest.csv", manifest)
    _csv(out / "answers.csv", answers)
    _csv(out / "roster.csv", _roster(people))
    (out / "policy.toml").write_text(POLICY.format(student=people[-1].student_id), "utf-8")
    return dict(Counter(kinds))


class _Writer:
    """Writes what each student hands in. Remembers whose work can be copied."""

    def __init__(self, root: Path, course: Course, seed: int, people: Sequence[Student]) -> None:
        folder = root / "tests" / "attacks"
        self.attacks = [one for stage in course.stages for one in load_attacks(folder, stage)]
        self._material = Material.of(root, course.stages)
        self._seed, self._people = seed, people
        self._earlier: list[int] = []
        self._hostile = 0

    def hand_in(self, number: int, kind: str, own: random.Random, place: Path) -> str:
        """Write one submission; gives what it is."""
        student, deliver, author = self._people[number], usual(own), number
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder, "work")
            if kind == "hostile":
                attack = self.attacks[self._hostile % len(self.attacks)]
                self._hostile += 1
                what = write_attack(self._material, attack, work)
            else:
                if kind == "copied" and self._earlier:
                    author = own.choice(self._earlier)
                dice = random.Random(f"{self._seed} {author} work")
                what = write_work(self._material, self._people[author].skill, dice, work)
                if kind != "unreadable":
                    self._earlier.append(author)
            if author != number:
                what = f"the work of {self._people[author].student_id}"
            if kind == "unreadable":
                deliver = own.choice(UNREADABLE)
                what = (deliver.__doc__ or "").strip()
            deliver(work, place, student.username)
        return what


def _kinds(count: int, dice: random.Random, attacks: bool) -> list[str]:
    shares = {"hostile": HOSTILE * attacks, "unreadable": UNREAD, "copied": COPIED}
    shares |= {"absent": ABSENT, "stray": STRAYS}
    kinds = [kind for kind, share in shares.items() for _ in range(round(share * count))]
    kinds += ["regular"] * (count - len(kinds))
    dice.shuffle(kinds)
    return kinds


def _line(student: Student, stray: bool, at: str) -> list[str]:
    """A line of the manifest. A stray one has a typing error in its only id."""
    if stray:
        return [student.username, "", "", student.email.replace("@", "@mail.", 1), at]
    return [student.username, student.student_id, student.name, student.email, at]


def _roster(people: Sequence[Student]) -> list[list[str]]:
    lines = [["student_id", "name", "email", "username", "section"]]
    lines += [[one.student_id, one.name, one.email, one.username, one.section] for one in people]
    return lines


def _csv(file: Path, lines: Sequence[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(lines)
