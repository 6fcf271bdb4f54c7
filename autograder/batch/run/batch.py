"""One batch: take in, check the machine, grade what is left, check again, say what came of it."""

from __future__ import annotations

import platform
import secrets
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from autograder.batch.cluster.opening import open_pool
from autograder.batch.run.attempts import attempts, check_health, word_for
from autograder.batch.run.display import Display
from autograder.batch.run.folder import FolderError, RunFolder, Settings
from autograder.batch.run.graders import Graders
from autograder.batch.run.plan import Setting, plan
from autograder.batch.run.pool import Pool, Workplace
from autograder.batch.run.request import Request
from autograder.batch.run.state import gradings, read_rows
from autograder.batch.run.suite import SEED_BITS, suite_hash
from autograder.batch.run.taking_in import intake
from autograder.judge.lanes import lanes_of
from autograder.rubric.model import Course
from autograder.sandbox.isolation import Isolation


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
        ClusterError: the cluster cannot be used.
    """
    start = time.monotonic()
    folder = RunFolder(request.out)
    folder.make()
    with folder.locked() as lock:
        settings = _begin(folder, course, request, stream)
        report = Report()
        with folder.scratch() as scratch:
            setting = _setting(root, folder, course, settings, isolation)
            work = Workplace(
                root, folder.cache, scratch, isolation, lock, folder.path / "graders.txt"
            )
            _grade(root, setting, work, request, stream, report)
    report.seconds = time.monotonic() - start
    return report


def take_in_alone(course: Course, request: Request, stream: TextIO) -> Settings:
    """Begin a run, or take in anew, and grade nothing.

    Raises:
        FolderError, SourceError, RosterError, ValueError: what was asked for cannot be done.
    """
    folder = RunFolder(request.out)
    folder.make()
    with folder.locked():
        return _begin(folder, course, request, stream)


def _begin(folder: RunFolder, course: Course, request: Request, stream: TextIO) -> Settings:
    settings = _settings(folder, course, request)
    if request.submissions is not None:
        intake(folder, course, request, stream)
    elif not folder.manifest.is_file():
        raise FolderError(f"{folder.path}: nothing was taken in yet; name it: SUBMISSIONS=dir")
    return settings


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
    lanes = lanes_of(course.stage(number) for number in settings.stages)
    return Setting(
        folder, settings, course, suite, described, environment, now, session, known, lanes
    )


def _pool(
    setting: Setting, work: Workplace, request: Request, stream: TextIO
) -> AbstractContextManager[Graders]:
    if request.cluster is None:
        return Pool(work, request.workers)
    return open_pool(request.cluster, setting, work, stream)


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
        engine=request.cluster.engine if request.cluster else "",
        tasks=len(wanted),
    )
    with _pool(setting, work, request, stream) as pool:
        if request.health:
            report.unhealthy = check_health(root, setting, pool, "before")
            if report.unhealthy:
                report.refused = True
                return
        begun = (setting.task(one.shown, one.content, one.again) for one in wanted)
        tasks = [one for one in begun if one]
        display = Display(stream, len(tasks))
        for ended in attempts(setting, pool, tasks, display):
            report.graded += 1
            display.ended(word_for(ended))
        display.clear()
        if request.health:
            report.unhealthy = check_health(root, setting, pool, "after")
