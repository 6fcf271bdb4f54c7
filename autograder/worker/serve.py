"""The worker's loop: answer the judge's requests about one submission, one reply each.

Everything here is untrusted once student code has been imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.protocol.frames import pack, read_exactly, read_frame, write_all
from autograder.protocol.plain import Json
from autograder.worker.execute import STUDENT_PACKAGE, describe_error, run_program


def serve(request_fd: int, reply_fd: int, stage_dir: Path) -> None:
    """Answer requests until the judge closes the pipe. Never returns.

    Args:
        request_fd: read end of the judge's pipe.
        reply_fd: write end of the pipe back.
        stage_dir: holds the student's package and, for rules, what `Worker` says.
    """
    worker = Worker(stage_dir)
    while True:
        try:
            frame = read_frame(partial(read_exactly, request_fd))
        except EOFError:
            os._exit(0)
        request: Any = frame.message
        reply: dict[str, Json] = {"id": request["id"], "ok": True, "value": None}
        try:
            reply["value"] = worker.handle(request["do"], request["args"])
            data = pack(reply)
        except BaseException as error:  # noqa: BLE001
            data = pack({"id": request["id"], "ok": False, "value": describe_error(error)})
        write_all(reply_fd, data)


class Worker:
    """Holds the stage's driver and the student's modules of one submission."""

    def __init__(self, stage_dir: Path, submission: Path | None = None) -> None:
        """Hold nothing yet.

        Args:
            stage_dir: has `driver.py` and `meter.py`, and parts of them as `driver_*.py` and
                `meter_*.py`; in these it can be imported by its name, such as `stage1`.
            submission: has the student's package, if that is not in `stage_dir`.
        """
        self._stage_dir = stage_dir
        self._submission = submission or stage_dir
        self._driver: Any = None
        self._modules: dict[str, ModuleType] = {}
        self._meter: Any = None
        self._verbs: Mapping[str, Callable[..., Json]] = {
            "load": self._load,
            "run": self._run,
            "prepare": self._prepare,
            "work": self._work,
            "converse": self._converse,
            "call": self._call,
        }

    def handle(self, verb: str, args: Mapping[str, Json]) -> Json:
        """Answer one request with plain data."""
        return self._verbs[verb](**args)

    def _load(self, modules: list[str]) -> Json:
        """Import the student's modules; say of each which error it raised, if any."""
        if self._driver is None:
            _make_importable(self._stage_dir)
            self._driver = _load_file("stage_driver", self._stage_dir / "driver.py")
            sys.path.insert(0, str(self._submission))
        report: dict[str, Json] = {}
        for name in modules:
            try:
                self._modules[name] = importlib.import_module(f"{STUDENT_PACKAGE}.{name}")
                report[name] = None
            except BaseException as error:  # noqa: BLE001 - sys.exit at import is an error too
                report[name] = describe_error(error)
        return report

    def _run(self, ops: list[Mapping[str, Json]]) -> Json:
        return run_program(self._driver.Driver(self._modules), ops)

    def _prepare(self, size: int) -> Json:
        if self._meter is None:
            meter = _load_file("stage_meter", self._stage_dir / "meter.py")
            self._meter = meter.Meter(self._modules)
        return self._meter.prepare(size)  # type: ignore[no-any-return]

    def _work(self, case: str, size: int, most_steps: int) -> Json:
        return self._meter.work(case, size, most_steps)  # type: ignore[no-any-return]

    def _converse(self, message: Json) -> Json:
        return self._meter.converse(message)  # type: ignore[no-any-return]

    def _call(self, module: str, function: str, args: Mapping[str, Json]) -> Json:
        """Call a function of the grader's own that was imported before the fork."""
        return getattr(sys.modules[module], function)(**args)  # type: ignore[no-any-return]


def _make_importable(stage_dir: Path) -> None:
    """Let `from stage1.driver_x import …` find its files, unless the judge itself debugs here."""
    if stage_dir.name not in sys.modules:
        package = ModuleType(stage_dir.name)
        package.__path__ = [str(stage_dir)]
        sys.modules[stage_dir.name] = package


def _load_file(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
