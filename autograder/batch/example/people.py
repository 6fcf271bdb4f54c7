"""The students of the generated class. Nobody real."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass

GIVEN = (
    "Ada Alan Amina Anders Bao Barbara Chidi Chiara Dmitri Donald Edsger Elif Fatima Frances Grace"
    " Hana Hedy Ibrahim Ines John Jun Karen Katherine Lars Leila Mahmoud Margaret Mei Nadia Niklaus"
    " Olga Omar Priya Quentin Radia Rafael Sofia Tim Ursula Vera Wei Ximena Yusuf Zoë"
).split()
FAMILY = (
    "Abelson Aho Bašić Bell Chen Costa D'Angelo Diaz Eriksen Farouk García Haddad Ito Jansen Kaya"
    " Kovács Lindqvist López Mbeki Müller Nakamura Nguyễn O'Hara Okafor Petrov Quist Rossi Sato"
    " Schmidt Silva Tanaka Uddin Varga Wang Xu Yilmaz Zhang Østergaard"
).split()
SECTIONS = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Student:
    """A row of the roster. `skill` is how likely a stage is done right."""

    student_id: str
    name: str
    email: str
    username: str
    section: str
    skill: float


def students(count: int, dice: random.Random) -> list[Student]:
    """Students with distinct ids and logins; some of them share a name."""
    found: list[Student] = []
    logins: set[str] = set()
    for number in range(count):
        given, family = dice.choice(GIVEN), dice.choice(FAMILY)
        login = base = f"{plain(given)[:1]}{plain(family)}"
        while login in logins:
            login = f"{base}{dice.randrange(10, 100)}"
        logins.add(login)
        skill = min(0.98, max(0.05, dice.betavariate(3, 1.6)))
        student_id = f"{number * 7919 % 90_000 + 5_000:07}"
        email, section = f"{login}@example.edu", dice.choice(SECTIONS)
        found.append(Student(student_id, f"{given} {family}", email, login, section, skill))
    return found


def plain(text: str) -> str:
    """Letters of the alphabet alone, in lower case."""
    apart = unicodedata.normalize("NFKD", text.replace("Ø", "O").replace("ø", "o"))
    return re.sub(r"[^a-z]", "", apart.casefold())
