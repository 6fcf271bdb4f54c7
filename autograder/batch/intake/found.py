"""What a source says of one submission, before anything of it is looked into."""

from __future__ import annotations

from dataclasses import dataclass, fields

from autograder.batch.intake.snapshot import Sent


@dataclass(frozen=True)
class Person:
    """How a source or a roster names a student; "" where it does not say.

    Attributes:
        student_id: the institution's, as text: leading zeros count.
        name: in full, in any order.
        username: of the code host or the gradebook's login.
        canvas_id, moodle_id: the gradebook's own number.
    """

    student_id: str = ""
    name: str = ""
    email: str = ""
    username: str = ""
    canvas_id: str = ""
    moodle_id: str = ""

    def ids(self) -> dict[str, str]:
        """What identifies a person exactly, by kind; a name does not."""
        names = [field.name for field in fields(self) if field.name != "name"]
        return {name: value for name in names if (value := getattr(self, name).strip())}


@dataclass(frozen=True)
class Found:
    """One submission as it lies there.

    Attributes:
        key: what the source calls it; unique in the source.
        source: "plain", "gradescope", "canvas", "moodle" or "classroom50".
        people: whose it is; several for a group.
        sent: its files and folders.
        submitted_at: the recorded instant, ISO 8601 with its offset, or "".
        late: what the source says of lateness, or None.
        any_id: text that may be any id of a student, for sources that have only a name of a folder.
        problem: why it cannot be read, or "".
    """

    key: str
    source: str
    people: tuple[Person, ...]
    sent: tuple[Sent, ...]
    submitted_at: str = ""
    late: bool | None = None
    any_id: str = ""
    problem: str = ""


class SourceError(Exception):
    """A whole download cannot be read. Says which file and why."""
