"""What is known of each student of a generated class, held against what a batch says of them.

    python -m tests.selftest.class_verdicts CLASS RUN

prints what a finished run got wrong, and exits 1 if it is anything.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.run.folder import RunFolder
from autograder.cli.root import ROOT
from autograder.rubric.load import load_course
from autograder.rubric.model import Axis, Course, Stage
from autograder.source.attacks import Attack, load_attacks
from autograder.source.variants import Chaff, load_chaffs

OF_A_KIND = {"absent": "none", "unreadable": "unreadable", "stray": "none"}
ISOLATED, CENT = 0.8, 0.0101
"""Share of a rule's points that the student's own earlier stages have no part in; what rounds."""


@dataclass(frozen=True)
class Share:
    """What a student has of one rule's points."""

    points: float
    most: float

    @property
    def is_lost(self) -> bool:
        """True if anything of it is lost."""
        return self.points < self.most

    @property
    def isolated_is_lost(self) -> bool:
        """True if more is lost than what stands on the student's own earlier stages."""
        return self.points < ISOLATED * self.most - CENT


Shares = Mapping[str, Share]


class Class:
    """A generated class, its run, and what the stages have in store."""

    def __init__(self, made: Path, run: Path, course: Course) -> None:
        settings = RunFolder(run).settings()
        assert settings is not None, f"{run} is no run's folder"
        self.stages = [course.stage(number) for number in settings.stages]
        self.chaffs = {one.id: one for stage in self.stages for one in load_chaffs(stage)}
        folder = ROOT / "tests" / "attacks"
        found = [(one, stage) for stage in self.stages for one in load_attacks(folder, stage)]
        self.attacks = {one.id: (one, stage) for one, stage in found}
        self.answers = {row["student_id"]: row for row in _table(made / "answers.csv")}
        self.statuses = {row["student"]: row["status"] for row in _table(run / "grades.csv")}
        self.shares: dict[str, dict[str, Share]] = {}
        for row in _table(run / "rules.csv"):
            share = Share(float(row["points"]), float(row["max"]))
            self.shares.setdefault(row["student"], {})[row["rule"]] = share

    def mistakes(self, seen: Counter[str]) -> Iterator[str]:
        """What the run got wrong; `seen` gets how many stages of each kind it was held against."""
        for student, answer in self.answers.items():
            what, kind = answer["what"], answer["kind"]
            if kind == "copied":
                what = self.answers[what.rpartition(" ")[2]]["what"]
            wanted = OF_A_KIND.get(kind, "graded")
            seen[wanted if wanted != "graded" else kind] += 1
            if self.statuses[student] != wanted:
                yield f"{student} ({answer['what']}) is {self.statuses[student]}, not {wanted}"
            elif wanted == "graded":
                for text in self._of(what, self.shares[student], seen):
                    yield f"{student} ({what}): {text}"

    def _of(self, what: str, shares: Shares, seen: Counter[str]) -> Iterator[str]:
        if what.startswith("hostile: "):
            name = what.removeprefix("hostile: ")
            if name in self.attacks:
                seen["hostile stage"] += 1
                yield from _hostile(*self.attacks[name], shares)
            return
        told = {int(words.split()[0]): words for words in what.split(", ")}
        right = {number for number, words in told.items() if words.split()[1] == "right"}
        for stage in self.stages:
            kind = " ".join(told[stage.id].split(" (")[0].split()[1:])
            seen[f"{kind} stage"] += 1
            alone = not set(stage.upstream) <= right
            if kind == "right":
                yield from _right(stage, shares, alone)
            elif kind == "wrong":
                (chaff,) = re.findall(r"\((\w+)\)", told[stage.id])
                yield from _wrong(self.chaffs[chaff], shares)
            elif kind == "not begun":
                yield from _nothing(stage, shares)


def _right(stage: Stage, shares: Shares, alone: bool) -> Iterator[str]:
    """No correctness is lost but for what the student's own earlier stages break."""
    for rule in stage.cell(Axis.CORRECTNESS):
        share = shares[rule.id]
        if share.isolated_is_lost if alone else share.is_lost:
            yield f"{rule.id} is lost, and the stage is right"


def _wrong(chaff: Chaff, shares: Shares) -> Iterator[str]:
    """Everything is lost that the misconception must lose."""
    for rule in chaff.caught_by:
        if not shares[rule].is_lost:
            yield f"{rule} is not lost"


def _nothing(stage: Stage, shares: Shares) -> Iterator[str]:
    for axis in (Axis.CORRECTNESS, Axis.PERFORMANCE):
        for rule in stage.cell(axis):
            if shares[rule.id].points:
                yield f"{rule.id} has points, and the stage is not begun"


def _hostile(attack: Attack, stage: Stage, shares: Shares) -> Iterator[str]:
    """It loses what it breaks, and nothing else of its stage."""
    tested = [one.id for axis in (Axis.CORRECTNESS, Axis.PERFORMANCE) for one in stage.cell(axis)]
    lost = {rule for rule in tested if shares[rule].is_lost}
    for rule in sorted(attack.breaks - lost):
        yield f"{rule} is not lost"
    for rule in sorted(lost - attack.breaks - attack.unsure):
        yield f"{rule} is lost"


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def main(made: Path, run: Path) -> int:
    """Print what is wrong, and what was looked at."""
    seen: Counter[str] = Counter()
    found = list(Class(made, run, load_course(ROOT / "assignments")).mistakes(seen))
    print("\n".join([*found, ", ".join(f"{kind} {count}" for kind, count in seen.items())]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
