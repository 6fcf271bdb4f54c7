"""A run's folder: what lies where, and who may work on it.

run/
    run.json               seed, stages, suite: fixed when the run begins
    manifest.jsonl         every submission that was found
    roster.csv             the class as it was given, roster_repair.csv what was near
    submissions/<content>/ snapshots, named by content
    graded/<name>.jsonl    one event log for each content, suite and seed; only appended to
    batch.jsonl            what the batch did; only appended to
    cache/                 what depends on bytes alone
    cluster/, jobs/        on a cluster: keys and unfinished results of now; what jobs printed
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LOCK_SECONDS = 15.0
"""How long a batch waits for the processes of one that was killed."""
OURS = "pagedlab-batch-"


class FolderError(Exception):
    """The run's folder cannot be used. Says what to do."""


@dataclass(frozen=True)
class Settings:
    """What a run was begun with. Another suite does not make another run; these would.

    Attributes:
        seed: every submission's own seed follows from it.
        stages: numbers of the stages that are graded.
        source: where the submissions were taken from.
        kind: how they were read.
        course: another course's folder; "" for the repository that the grader stands in.
    """

    seed: int
    stages: tuple[int, ...]
    source: str
    kind: str
    course: str = ""


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run. Holds names and marks of students: closed to other users."""

    path: Path

    @property
    def manifest(self) -> Path:
        """Every submission that was found."""
        return self.path / "manifest.jsonl"

    @property
    def roster(self) -> Path:
        """The class, if there is a list of it."""
        return self.path / "roster.csv"

    @property
    def repairs(self) -> Path:
        """Near matches, for the instructor to confirm."""
        return self.path / "roster_repair.csv"

    @property
    def store(self) -> Path:
        """Snapshots by content."""
        return self.path / "submissions"

    @property
    def events(self) -> Path:
        """What the batch did."""
        return self.path / "batch.jsonl"

    @property
    def cache(self) -> Path:
        """What depends on bytes alone."""
        return self.path / "cache"

    def log(self, name: str) -> Path:
        """The event log of one grading."""
        return self.path / "graded" / f"{name}.jsonl"

    def make(self) -> None:
        """Make the folder.

        Raises:
            FolderError: it is there and is no run's folder.
        """
        if self.path.exists() and not self.is_run and any(self.path.iterdir()):
            raise FolderError(f"{self.path}: is no run's folder; name another with OUT=dir")
        (self.path / "graded").mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)

    @property
    def is_run(self) -> bool:
        """True if a batch has begun here."""
        return (self.path / "run.json").is_file() or (self.path / "graded").is_dir()

    def settings(self) -> Settings | None:
        """What the run was begun with; None if it was not."""
        try:
            data: dict[str, Any] = json.loads((self.path / "run.json").read_text("utf-8"))
            return Settings(**{**data, "stages": tuple(data["stages"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise FolderError(f"{self.path / 'run.json'}: cannot be read ({error})") from error

    def begin(self, settings: Settings) -> None:
        """Write down what the run is begun with."""
        replace_text(self.path / "run.json", json.dumps(asdict(settings), indent=1) + "\n")

    def note(self, **event: object) -> None:
        """Append one event to the batch's log; it is on its way to the disk on return."""
        append_lines(self.events, [event])

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the folder alone; gives a descriptor that keeps the lock while any copy is open.

        Raises:
            FolderError: another batch works here.
        """
        with (self.path / "lock").open("a") as file:
            until = time.monotonic() + LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise FolderError(f"{self.path}: another batch is at work here") from None
                    time.sleep(0.02)
            yield file.fileno()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Temporary files that workers can reach; what a killed batch left is removed first."""
        name = self.path / "scratch"
        if name.is_file():
            left = Path(name.read_text(encoding="utf-8").strip())
            if left.name.startswith(OURS) and left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=OURS))
        folder.chmod(0o755)
        replace_text(name, f"{folder}\n")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            name.unlink(missing_ok=True)


def replace_text(file: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def append_lines(file: Path, events: list[Mapping[str, object]] | list[dict[str, object]]) -> None:
    """Append JSON lines; a line that a crash cut off before does not swallow the first."""
    text = "".join(json.dumps(event) + "\n" for event in events)
    with file.open("ab+") as log:
        if log.seek(0, os.SEEK_END):
            log.seek(-1, os.SEEK_END)
            if log.read(1) != b"\n":
                text = "\n" + text
        log.write(text.encode())


def read_lines(file: Path) -> list[dict[str, Any]]:
    """The whole lines of a log of JSON lines; none if it is not there."""
    events: list[dict[str, Any]] = []
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return events
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events
