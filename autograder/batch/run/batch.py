"""One batch: take in, check the machine, grade what is left, check again, say what came of it."""

from __future__ import annotations

import platform
import secrets
import shutil
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from autograder.batch.intake.intake import take_in
from autograder.batch.intake.manifest import write_manifest
from autograder.batch.intake.matching import Matcher
from autograder.batch.intake.repairs import read_repairs, write_repairs
from autograder.batch.intake.roster import read_roster
from autograder.batch.run import log
from autograder.batch.run.display import Display
from autograder.batch.run.folder import FolderError, RunFolder, Settings
from autograder.batch.run.health import health_problems, health_tasks
from autograder.batch.run.plan import Choice, Setting, plan
from autograder.batch.run.pool import End, Ended, Pool, Workplace
from autograder.batch.run.state import RowStatus, gradings, read_rows
from autograder.batch.run.suite import SEED_BITS, suite_hash
from autograder.batch.run.task import Task
from autograder.rubric.model import Course
from autograder.sandbox.isolation import Isolation


@dataclass(frozen=True)
class Request:
    """What the command line asked for.

    Attributes:
        out: the run's folder.
        submissions: what to take in; None to go on with what was taken in before.
        roster: the class list, or None.
        kind: of the download; "" to find out.
        stages: numbers; empty for all of the suite.
        seed: None for a fresh one.
        workers: grader processes.
        choice: which rows to work on.
        health: grade reference and starter before and after.
    """

    out: Path
    submissions: Path | None = None
    roster: Path | None = None
    kind: str = ""
    stages: tuple[int, ...] = ()
    seed: int | None = None
    workers: int = 2
    choice: Choice = Choice()
    health: bool = True


@dataclass
class Report:
    """What a batch did.

    Attributes:
        unhealthy: what was wrong with the reference's or the starter's grade, and when.
        graded: attempts that it made.
        seconds: on the clock.
    """

    unhealthy: list[str] = field(default_factory=list)
    refused: bool = False
    graded: int = 0
    seconds: float = 0.0


def run_batch(
    root: Path, course: Course, isolation: Isolation, request: Request, stream: TextIO
) -> Report:
    """Carry a batch out, or on.

    Raises:
        FolderError, SourceError, RosterError, ValueError: what was asked for cannot be done.
    """
    start = time.monotonic()
    folder = RunFolder(request.out)
    folder.make()
    with folder.locked() as lock:
        settings = _settings(folder, course, request)
        if request.submissions is not None:
            intake(folder, course, request, stream)
        elif not folder.manifest.is_file():
            raise FolderError(f"{folder.path}: nothing was taken in yet; name it: SUBMISSIONS=dir")
        report = Report()
        with folder.scratch() as scratch:
            setting = _setting(root, folder, course, settings, isolation)
            work = Workplace(
                root, folder.cache, scratch, isolation, lock, folder.path / "graders.txt"
            )
            _grade(root, setting, work, request, stream, report)
    report.seconds = time.monotonic() - start
    return report


def intake(folder: RunFolder, course: Course, request: Request, stream: TextIO) -> None:
    """Take the submissions in, and hold them against the roster."""
    assert request.submissions is not None
    if request.roster is not None:
        read_roster(request.roster)  # before it replaces the one that works
        shutil.copyfile(request.roster, folder.roster)
    matcher = None
    if folder.roster.is_file():
        matcher = Matcher(read_roster(folder.roster), read_repairs(folder.repairs))
    live = stream.isatty()

    def tell(done: int, total: int) -> None:
        if live:
            stream.write(f"\r\x1b[K  taken in {done}/{total}" + "\r\x1b[K" * (done == total))
            stream.flush()

    names = modules_of(course)
    entries = take_in(request.submissions, folder.store, names, matcher, request.kind, tell)
    write_manifest(folder.manifest, entries)
    folder.note(event="intake", source=str(request.submissions), submissions=len(entries))
    write_repairs(folder.repairs, entries)


def modules_of(course: Course) -> frozenset[str]:
    """Names of all files that students write."""
    return frozenset(name for stage in course.stages for name in stage.modules)


def _settings(folder: RunFolder, course: Course, request: Request) -> Settings:
    known = {stage.id for stage in course.stages}
    settings = folder.settings()
    if settings is None:
        stages = request.stages or tuple(sorted(known))
        seed = secrets.randbits(SEED_BITS) if request.seed is None else request.seed
        settings = Settings(seed, stages, str(request.submissions), request.kind)
        if set(stages) <= known:
            folder.begin(settings)
    elif request.seed not in (None, settings.seed) or (
        request.stages and set(request.stages) != set(settings.stages)
    ):
        raise FolderError(
            f"{folder.path}: was begun with seed {settings.seed} and stages"
            f" {' '.join(map(str, settings.stages))}; another needs another folder: OUT=dir"
        )
    unknown = sorted(set(settings.stages) - known)
    if unknown:
        raise FolderError(f"there is no stage {unknown[0]} in this suite")
    return settings


def _setting(
    root: Path, folder: RunFolder, course: Course, settings: Settings, isolation: Isolation
) -> Setting:
    environment = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }
    now = datetime.now(UTC).isoformat(timespec="seconds")
    described = isolation.describe()
    session = secrets.token_hex(8)
    suite, known = suite_hash(root), gradings(folder)
    return Setting(folder, settings, course, suite, described, environment, now, session, known)


def _grade(
    root: Path,
    setting: Setting,
    work: Workplace,
    request: Request,
    stream: TextIO,
    report: Report,
) -> None:
    rows = read_rows(setting.folder)
    wanted = plan(setting, rows, request.choice)
    if not wanted:
        return
    folder = setting.folder
    folder.note(
        event="session",
        session=setting.session,
        suite=setting.suite,
        isolation=setting.isolation,
        started=setting.started,
        workers=request.workers,
        tasks=len(wanted),
    )
    with Pool(work, request.workers) as pool:
        if request.health:
            report.unhealthy = _check(root, setting, pool, "before")
            if report.unhealthy:
                report.refused = True
                return
        begun = (setting.task(one.shown, one.content, one.again) for one in wanted)
        tasks = [one for one in begun if one]
        display = Display(stream, len(tasks))
        for ended in _attempts(setting, pool, tasks, display):
            report.graded += 1
            display.ended(_word(ended))
        display.clear()
        if request.health:
            report.unhealthy = _check(root, setting, pool, "after")


def _check(root: Path, setting: Setting, pool: Pool, when: str) -> list[str]:
    tasks, problems = health_tasks(setting, root, modules_of(setting.course), when)
    for _ in pool.run(tasks):
        pass
    problems += health_problems(setting.folder, setting.course, tasks)
    setting.folder.note(event="health", session=setting.session, when=when, problems=problems)
    return [f"{when} the batch: {problem}" for problem in problems]


def _attempts(
    setting: Setting, pool: Pool, tasks: Collection[Task], display: Display
) -> Iterable[Ended]:
    """Work through tasks; where the grader was at fault, once more, after all the others."""
    while tasks:
        for ended in pool.run(tasks, display.tick):
            stopped = {
                End.TIMEOUT: (RowStatus.TIMEOUT, f"took over {ended.task.seconds:.0f} s in all"),
                End.DIED: (RowStatus.INFRA, "the grader's process died on it"),
            }
            if ended.end in stopped:
                status, why = stopped[ended.end]
                log.add(Path(ended.task.log), "stopped", status=status, why=why)
            yield ended
        left = (setting.task(one.shown, Path(one.submission).name) for one in tasks)
        tasks = [one for one in left if one]


def _word(ended: Ended) -> str:
    words = {
        End.DONE: "",
        End.FAULT: f"{ended.undecided} rules undecided by a grader's fault",
        End.DIED: "the grader's process died on it",
        End.TIMEOUT: "took too long, and was stopped",
    }
    return f"{ended.task.shown}: {words[ended.end]}" if words[ended.end] else ""
