"""Whose submission it is. Exact ids decide, then the whole name; what is only near is suggested."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.batch.intake.found import Found, Person
from autograder.batch.intake.roster import Student

NEAR = 0.7
"""Likeness from which on a student is suggested. Nothing is ever matched by likeness alone."""


@dataclass(frozen=True)
class Match:
    """What the roster says of one submission.

    Attributes:
        students: keys of the students whose it is; empty if it is nobody's.
        problem: why it is nobody's, or why a part of a group is missing, or "".
        suggested: key of the student who is most alike, or "".
        likeness: how much, 0 ... 1.
    """

    students: tuple[str, ...]
    problem: str = ""
    suggested: str = ""
    likeness: float = 0.0


class Matcher:
    """Looks submissions up in a roster."""

    def __init__(self, roster: Sequence[Student], repairs: Mapping[str, str]) -> None:
        """Index the roster.

        Args:
            roster: the class.
            repairs: key of a submission -> key of the student whom the instructor has confirmed.
        """
        self._roster, self._repairs = roster, repairs
        self._by_id: dict[tuple[str, str], str] = {}
        self._by_any: dict[str, set[str]] = {}
        self._by_name: dict[str, set[str]] = {}
        for student in roster:
            for kind, value in student.person.ids().items():
                self._by_id[kind, value.casefold()] = student.key
                self._by_any.setdefault(value.casefold(), set()).add(student.key)
            mailbox = student.person.email.partition("@")[0]
            if mailbox:
                self._by_any.setdefault(mailbox.casefold(), set()).add(student.key)
            for form in name_forms(student.person.name):
                self._by_name.setdefault(form, set()).add(student.key)

    def match(self, found: Found) -> Match:
        """The students of a submission."""
        confirmed = self._repairs.get(found.key)
        if confirmed is not None:
            if any(student.key == confirmed for student in self._roster):
                return Match((confirmed,))
            return Match((), f"the repair names {confirmed!r}, who is not in the roster")
        students: list[str] = []
        problems: list[str] = []
        near: tuple[str, float] = ("", 0.0)
        for person in found.people or (Person(),):
            try:
                key = self._one(person, found.any_id)
            except _Unclear as unclear:
                problems.append(str(unclear))
                continue
            if key:
                students.append(key)
            else:
                near = max(near, self._nearest(person, found.any_id), key=lambda one: one[1])
                shown = person.name or next(iter(person.ids().values()), "") or found.any_id
                problems.append(f"no row of the roster is {shown or found.key!r}")
        return Match(tuple(dict.fromkeys(students)), "; ".join(problems), *near)

    def _one(self, person: Person, any_id: str) -> str:
        ids = person.ids()
        by_ids = {self._by_id.get((kind, value.casefold()), "") for kind, value in ids.items()}
        by_ids.discard("")
        if len(by_ids) > 1:
            raise _Unclear(f"its ids are of two students: {' and '.join(sorted(by_ids))}")
        if by_ids:
            return by_ids.pop()
        texts = [any_id, *ids.values()] if any_id else list(ids.values())
        named = {key for text in texts for key in self._by_any.get(text.casefold(), ())}
        for form in name_forms(person.name) | name_forms(any_id):
            if not named:
                named = set(self._by_name.get(form, ()))
        if len(named) > 1:
            raise _Unclear(f"it may be of {' or '.join(sorted(named))}")
        return named.pop() if named else ""

    def _nearest(self, person: Person, any_id: str) -> tuple[str, float]:
        texts = {_plain(text) for text in (person.name, person.username, person.email, any_id)}
        best = ("", 0.0)
        for student in self._roster:
            theirs = {*name_forms(student.person.name), *map(_plain, student.person.ids().values())}
            theirs.add(_plain(student.person.email.partition("@")[0]))
            for ours in texts - {""}:
                for other in theirs - {""}:
                    likeness = difflib.SequenceMatcher(None, ours, other).ratio()
                    best = max(best, (student.key, round(likeness, 2)), key=lambda one: one[1])
        return best if best[1] >= NEAR else ("", 0.0)


class _Unclear(Exception):
    """More than one student fits."""


def name_forms(name: str) -> set[str]:
    """A name as sources spell it: without accents and spaces, in each rotation of its parts."""
    parts = [_plain(part) for part in re.split(r"[\s,_]+", name)]
    parts = [part for part in parts if part]
    return {"".join(parts[i:] + parts[:i]) for i in range(len(parts))}


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    kept = "".join(char for char in apart if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "", kept).casefold()
