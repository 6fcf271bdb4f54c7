"""One batch: take in, check the machine, grade what is left, check again, say what came of it."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TextIO

from autograder.batch.cluster.opening import open_pool
from autograder.batch.run.attempts import Check, attempts, begin_check, end_check, word_for
from autograder.batch.run.display import Display
from autograder.batch.run.folder import FolderError, RunFolder, Settings
from autograder.batch.run.graders import Graders
from autograder.batch.run.order import longest_first
from autograder.batch.run.plan import Setting, plan
from autograder.batch.run.pool import Pool, Workplace
from autograder.batch.run.report import Report, cpu_seconds
from autograder.batch.run.request import Request
from autograder.batch.run.state import gradings, read_rows, unchecked_sessions
from autograder.batch.run.suite import SEED_BITS, suite_hash
from autograder.batch.run.taking_in import intake
from autograder.judge.lanes import lanes_of
from autograder.rubric.model import Course
from autograder.sandbox.isolation import Isolation

Early = tuple[Graders, Check]


def run_batch(
    root: Path, course: Course, isolation: Isolation, request: Request, stream: TextIO
) -> Report:
    """Carry a batch out, or on.

    Raises:
        FolderError, SourceError, RosterError, ValueError: what was asked for cannot be done.
        ClusterError: the cluster cannot be used.
    """
    start, cpu = time.monotonic(), cpu_seconds()
    folder = RunFolder(request.out)
    folder.make()
    with folder.locked() as lock:
        settings = _settings(folder, course, request)
        report = Report()
        with folder.scratch() as scratch, ExitStack() as stack:
            setting = _setting(root, folder, course, settings, isolation)
            work = Workplace(
                root, folder.cache, scratch, isolation, lock, folder.path / "graders.txt"
            )
            graders = partial(_graders, stack, setting, work, request, stream)
            early: Early | None = None
            fresh = request.submissions is not None and not folder.manifest.is_file()
            if fresh and request.health and request.cluster is None:
                # The machine is checked while submissions are taken in.
                early = graders(), begin_check(root, setting, "before")
                early[0].begin(early[1].tasks)
            _take_in(folder, course, request, stream)
            busy = _grade(root, setting, graders, early, request, stream, report)
        report.seconds = time.monotonic() - start
        report.cpu_seconds = cpu_seconds() - cpu
        report.busy = busy / (request.workers * report.seconds)
        if report.graded:
            folder.note(event="ended", session=setting.session, **report.costs())
    return report


def take_in_alone(course: Course, request: Request, stream: TextIO) -> Settings:
    """Begin a run, or take in anew, and grade nothing.

    Raises:
        FolderError, SourceError, RosterError, ValueError: what was asked for cannot be done.
    """
    folder = RunFolder(request.out)
    folder.make()
    with folder.locked():
        settings = _settings(folder, course, request)
        _take_in(folder, course, request, stream)
        return settings


def _take_in(folder: RunFolder, course: Course, request: Request, stream: TextIO) -> None:
    if request.submissions is not None:
        intake(folder, course, request, stream)
    elif not folder.manifest.is_file():
        raise FolderError(f"{folder.path}: nothing was taken in yet; name it: SUBMISSIONS=dir")


def _settings(folder: RunFolder, course: Course, request: Request) -> Settings:
    known = {stage.id for stage in course.stages}
    settings = folder.settings()
    if settings is None:
        stages = request.stages or tuple(sorted(known))
        seed = secrets.randbits(SEED_BITS) if request.seed is None else request.seed
        place = str(request.course or "")
        settings = Settings(seed, stages, str(request.submissions), request.kind, place)
        if set(stages) <= known:
            folder.begin(settings)
    elif request.seed not in (None, settings.seed) or (
        request.stages and set(request.stages) != set(settings.stages)
    ):
        raise FolderError(
            f"{folder.path}: was begun with seed {settings.seed} and stages"
            f" {' '.join(map(str, settings.stages))}; another needs another folder: OUT=dir"
        )
    elif request.course and str(request.course) != settings.course:
        raise FolderError(
            f"{folder.path}: was begun with {settings.course or 'this course'}; another course"
            " needs another folder: OUT=dir"
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


def _graders(
    stack: ExitStack, setting: Setting, work: Workplace, request: Request, stream: TextIO
) -> Graders:
    if request.cluster is None:
        return stack.enter_context(Pool(work, request.workers))
    return stack.enter_context(open_pool(request.cluster, setting, work, stream))


def _grade(
    root: Path,
    setting: Setting,
    graders: Callable[[], Graders],
    early: Early | None,
    request: Request,
    stream: TextIO,
    report: Report,
) -> float:
    """Do the work; gives for how long grader processes had any, all of them together.

    Args:
        root: of the course.
        setting: of the batch.
        graders: starts the processes, if they are needed.
        early: processes that were started before, and the check that they are at.
        request: what was asked for.
        stream: is told how far it is.
        report: gets what came of it.
    """
    rows = read_rows(setting.folder)
    wanted = plan(setting, rows, request.choice)
    folder = setting.folder
    cut_off = unchecked_sessions(folder) if request.health else ()
    if not wanted and not cut_off:
        return 0.0
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
    pool = early[0] if early else graders()
    if request.health and wanted:
        check = early[1] if early else begin_check(root, setting, "before")
        report.unhealthy = end_check(check, setting, pool)
        if report.unhealthy:
            report.refused = True
            return pool.busy_seconds
    ordered = longest_first(wanted, setting, root / "starter" / "pagedlab")
    begun = (setting.task(one.shown, one.content, one.again) for one in ordered)
    tasks = [one for one in begun if one]
    display = Display(stream, tasks, request.workers)
    for ended in attempts(setting, pool, tasks, display):
        report.graded += 1
        display.ended(ended.task, word_for(ended))
    display.clear()
    if request.health:
        after = begin_check(root, setting, "after")
        report.unhealthy = end_check(after, setting, pool, cut_off)
    return pool.busy_seconds
